#pragma once

#include "base/json.hpp"
#include "sandbox/service.hpp"
#include "sandbox/world.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace renkei::sandbox {

/// HashiCorp Vault and OpenBao as far as Renkei meets them: the KV engine, version 2, at `secret`, AppRole, tokens and the seal.
/// Written from https://developer.hashicorp.com/vault/api-docs; in the faults it is `hashicorp`.
class HashicorpService final : public Service {
public:
    explicit HashicorpService(World& world) : world_(world) { reset(); }
    std::string_view name() const override { return "hashicorp"; }
    ServerResponse handle(ServerRequest request) override;
    ServerResponse vendor_error(int status, const ServerRequest& request) override;
    void reset() override;

    static constexpr const char* root_token = "hvs.sandbox-root";
    static constexpr const char* reader_token = "hvs.sandbox-reader";  ///< everything below `secret` but `forbidden/`
    static constexpr const char* unseal_key = "sandbox-unseal-key";
    static constexpr const char* role_id = "988a9dfd-0000-4000-8000-00000000a001";
    static constexpr const char* secret_id = "37b74931-0000-4000-8000-00000000b002";
    static constexpr std::chrono::seconds role_token_ttl{1200};

private:
    struct Version {
        json::object data;
        TimePoint created;
        std::optional<TimePoint> deleted{};
        bool destroyed = false;
    };
    struct Token {
        bool root = false;
        TimePoint until = TimePoint::max();
    };
    ServerResponse system(const ServerRequest& request, std::string_view what);
    ServerResponse log_in(const ServerRequest& request);
    ServerResponse revoke(const ServerRequest& request);
    ServerResponse secret(const ServerRequest& request, std::string_view engine_path, const Token& token);
    ServerResponse read(const ServerRequest& request, const std::string& path);
    ServerResponse write(const ServerRequest& request, const std::string& path);
    ServerResponse take_away(const ServerRequest& request, const std::string& path, bool destroy);
    json::object metadata_of(const std::vector<Version>& versions, std::size_t number) const;
    std::optional<Token> token_of(const ServerRequest& request) const;
    static ServerResponse errors(int status, std::vector<std::string> texts);
    void put(const std::string& path, json::object data);

    World& world_;
    bool sealed_ = false;
    std::map<std::string, Token> tokens_;
    std::map<std::string, std::vector<Version>> secrets_;
};

}  // namespace renkei::sandbox
