#pragma once

#include "app/ports/http_client.hpp"
#include "base/clock.hpp"
#include "base/encoding.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace renkei::testing {

/// What goes wrong with one request to the token endpoint.
enum class Fault {
    none,
    not_reached,     ///< no connection: nothing happened, and the client knows it
    answer_lost,     ///< the server did its work; the connection broke before the answer
    timeout,         ///< the server did its work; nobody waited long enough
    cut_answer,      ///< half of the JSON
    html,            ///< 200 with a page
    wrong_type,      ///< access_token is a number
    huge,            ///< far more than any answer
    unavailable,     ///< 503 with a page, nothing done
    throttled,       ///< 429 with Retry-After: 7, nothing done
    server_error,    ///< 503 with an OAuth error, nothing done
    without_expiry,  ///< a good answer without expires_in
};

/// An authorization server in memory, as a transport: strict rotation with family revocation as a switch, faults, counters.
/// Thread-safe. Knows the truth about every grant that it gave.
class FakeProvider final : public app::HttpClient {
public:
    struct Settings {
        std::string client_id = "client";
        std::string client_secret = "s3cret";
        std::string issuer = "https://login.example/tenant-1/v2.0";
        std::string tenant = "tenant-1";
        bool strict = false;  ///< an old refresh token ends its family
        bool rotates = true;
        bool sends_scope = true;
        std::chrono::seconds lifetime{3600};
        Clock* clock = nullptr;  ///< for the times of id_tokens
    };
    struct Person {
        std::string subject = "oid-1";
        std::string tenant = "tenant-1";
        std::string name = "hanako@acme.example";
    };
    struct Request {
        Fields form;
        std::string authorization;
        std::string url;
        app::CallOptions options;
    };

    explicit FakeProvider(Settings settings) : settings_(std::move(settings)) {}
    FakeProvider() : FakeProvider(Settings{}) {}

    // The person's side.
    /// What the browser brings back from this address: code, state (and iss).
    Fields consent(const std::string& authorization_url, Person person);
    Fields consent(const std::string& authorization_url) { return consent(authorization_url, Person{}); }
    /// What the person does with the newest device code: approve, decline, or nothing yet.
    enum class DeviceDecision { none, approve, decline };
    void decide_device(DeviceDecision decision, Person person);
    void decide_device(DeviceDecision decision) { decide_device(decision, Person{}); }
    /// A grant that was given before the test begins.
    std::string new_refresh_token();

    // Switches.
    void next_faults(std::vector<Fault> faults);
    /// The next `times` requests get this OAuth error.
    void refuse_with(std::string error, std::vector<std::int64_t> codes = {}, int times = 1, int status = 400);
    /// Requests wait until release().
    void hold();
    void release();
    void set_strict(bool strict);
    void set_secret(std::string secret);
    void revoke_everything();
    void change_id_token(std::map<std::string, std::string> claims);  ///< replaces claims; an empty text removes one
    void publish(std::string url, std::string document, int status = 200);
    void set_lifetime(std::chrono::seconds lifetime);
    void answer_with_scope(std::string scope);

    // The truth.
    bool alive(const std::string& refresh_token) const;  ///< would be taken, and is the newest of its family
    std::uint64_t exchanges() const;                     ///< requests that reached the token endpoint
    std::uint64_t rotations() const;
    std::uint64_t revoked_families() const;
    std::vector<Request> requests() const;
    bool waits_for_release(std::size_t requests) const;

    Task<Result<HttpResponse>> send(HttpRequest request, app::CallOptions options) override;
    Task<Result<app::StreamedResponse>> open(HttpRequest request, app::CallOptions options) override;
    Task<Result<HttpResponse>> upload(HttpRequest request, std::unique_ptr<app::BodyStream> body, std::uint64_t length, app::CallOptions options) override;

private:
    struct Family {
        std::string newest;
        bool revoked = false;
    };
    struct Code {
        std::string challenge, redirect_uri, nonce, client_id;
        Person person;
        bool used = false;
    };
    struct Refusal {
        std::string error;
        std::vector<std::int64_t> codes;
        int status;
    };

    struct Device {
        std::string code;
        DeviceDecision decision = DeviceDecision::none;
        Person person;
        bool used = false;
    };

    HttpResponse answer(const Request& request);
    HttpResponse give_device_code();
    HttpResponse redeem_device(const Fields& form);
    HttpResponse redeem_code(const Fields& form);
    HttpResponse refresh(const Fields& form);
    HttpResponse tokens(const std::string& refresh_token, const std::string& id_token, const Fields& form);
    std::string id_token(const Code& code) const;
    std::string start_family();
    bool knows_client(const Request& request) const;
    static HttpResponse oauth_error(int status, std::string_view error, const std::vector<std::int64_t>& codes = {});

    mutable std::mutex mutex_;
    Settings settings_;
    std::map<std::string, std::uint64_t> family_of_;
    std::map<std::uint64_t, Family> families_;
    std::map<std::string, Code> codes_;
    Device device_;
    std::deque<Fault> faults_;
    std::deque<Refusal> refusals_;
    std::map<std::string, std::string> changed_claims_;
    std::map<std::string, HttpResponse> published_;
    std::optional<std::string> scope_;
    std::vector<Request> requests_;
    std::vector<std::function<void()>> held_;
    bool holding_ = false;
    std::uint64_t serial_ = 0, exchanges_ = 0, rotations_ = 0, revoked_ = 0;
};

}  // namespace renkei::testing
