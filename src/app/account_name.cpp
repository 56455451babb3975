#include "app/account_name.hpp"

namespace renkei::app {
namespace {

std::string setting_of(core::PersonId person) { return "account-name/" + person.text(); }

}  // namespace

Task<Result<std::string>> find_account_name(WorkspaceStore& store, core::WorkspaceId workspace, core::PersonId person) {
    auto found = co_await store.find_setting(workspace, setting_of(person));
    if (!found && found.error().code == Errc::not_found) co_return std::string();
    co_return found;
}

PutSetting put_account_name(core::WorkspaceId workspace, core::PersonId person, std::string name) { return {workspace, setting_of(person), std::move(name)}; }

}  // namespace renkei::app
