#pragma once

#include "app/ports/catalog.hpp"
#include "app/ports/http_client.hpp"
#include "app/ports/native_api.hpp"

namespace renkei::microsoft {

/// Whose data a path of Graph reaches. invalid_field for what is no plain path.
Result<app::NativeReach> native_reach(std::string_view path);

/// Microsoft Graph as it is (https://learn.microsoft.com/graph/use-the-api). One call, one answer of at most 4 MiB; batches
/// are for a fence of everything only, because paths inside one pass by any other.
class GraphNative final : public app::NativeApi {
public:
    GraphNative(app::HttpClient& http, const app::Catalog& catalog) : http_(http), catalog_(catalog) {}

    Result<app::NativeReach> reach_of(std::string_view path) const override { return native_reach(path); }
    Task<Result<app::NativeAnswer>> call(app::MailAccess access, app::NativeCall call) override;

private:
    app::HttpClient& http_;
    const app::Catalog& catalog_;
};

}  // namespace renkei::microsoft
