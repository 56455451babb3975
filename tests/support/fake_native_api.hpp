#pragma once

#include "adapters/providers/microsoft/graph_native.hpp"

#include <optional>
#include <string>
#include <vector>

namespace renkei::testing {

/// A provider's own API that answers what it is told; which mailbox a path reaches is judged by the real one.
class FakeNativeApi final : public app::NativeApi {
public:
    app::NativeAnswer answer{200, "application/json", R"({"value":[]})"};
    std::optional<Error> refusal;
    int asked = 0;
    app::NativeCall last;
    std::string mailbox;

    Result<app::NativeReach> reach_of(std::string_view path) const override { return microsoft::native_reach(path); }
    Task<Result<app::NativeAnswer>> call(app::MailAccess access, app::NativeCall call) override {
        ++asked;
        last = std::move(call);
        mailbox = std::move(access.mailbox);
        if (refusal) co_return fail(*refusal);
        co_return answer;
    }
};

}  // namespace renkei::testing
