#pragma once

#include "app/connection_check.hpp"
#include "app/operations.hpp"

namespace renkei::app {

/// The operation connections.check: one item a connection.
class CheckConnections final : public OperationKind {
public:
    explicit CheckConnections(ConnectionCheck& check) : check_(check) {}
    static constexpr std::string_view kind = "connections.check";
    std::string_view name() const override { return kind; }
    Task<core::OperationItem> work(core::WorkspaceId workspace, std::uint64_t index, std::string target, std::string request_id) override;

private:
    ConnectionCheck& check_;
};

}  // namespace renkei::app
