#pragma once

#include "app/ports/directory.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace renkei::testing {

/// A directory in memory: people by id with their addresses, groups with members.
class FakeDirectory final : public app::Directory {
public:
    std::map<std::string, std::vector<std::string>> people;  ///< id to addresses, the main one first
    struct Group {
        std::string id;
        std::vector<std::string> members;
    };
    std::map<std::string, Group> groups;  ///< by address
    std::optional<Error> refusal;
    std::optional<Error> group_refusal;
    int asked = 0;
    std::vector<std::string> tokens;  ///< with which it was asked

    void move(const std::string& address, const std::string& to) {
        for (auto& [id, addresses] : people) std::erase(addresses, address);
        people[to].push_back(address);
    }

    Task<Result<app::DirectoryObject>> find_mailbox(app::DirectoryAccess access, std::string who) override {
        note(access);
        if (refusal) co_return fail(*refusal);
        for (const auto& [id, addresses] : people)
            if (id == who || std::ranges::find(addresses, who) != addresses.end()) co_return object(id);
        co_return fail(Errc::not_found, "nobody");
    }
    Task<Result<app::DirectoryGroup>> find_group(app::DirectoryAccess access, std::string who, std::uint32_t most) override {
        note(access);
        if (refusal) co_return fail(*refusal);
        if (group_refusal) co_return fail(*group_refusal);
        for (const auto& [address, group] : groups) {
            if (address != who && group.id != who) continue;
            app::DirectoryGroup out{group.id, address, {}};
            for (const auto& member : group.members) out.members.push_back(object(member));
            if (out.members.size() > most) co_return fail(Errc::payload_too_large, "too many");
            co_return out;
        }
        co_return fail(Errc::not_found, "no group");
    }

private:
    void note(const app::DirectoryAccess& access) {
        ++asked;
        tokens.emplace_back(access.access_token.expose());
    }
    app::DirectoryObject object(const std::string& id) const {
        const auto found = people.find(id);
        if (found == people.end() || found->second.empty()) return {id, {}, {}};
        return {id, found->second.front(), found->second};
    }
};

}  // namespace renkei::testing
