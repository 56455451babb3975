// CPU time of one small POST through Renkei's client against a bare libcurl easy loop: the same server, the same connection
// kept, rounds taken in turn. Only the calling thread's time counts. Prints one JSON line.
#include "adapters/http/client.hpp"
#include "bench/common.hpp"
#include "bench/token_server.hpp"

#include <curl/curl.h>
#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace renkei;
using bench::median;

constexpr int rounds = 9;
constexpr int calls = 4000;

double cpu_now() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

const std::string form = "grant_type=refresh_token&client_id=abc&client_secret=" + std::string(40, 's') + "&refresh_token=" + std::string(900, 'r');

std::size_t keep(char* data, std::size_t size, std::size_t count, void* to) {
    static_cast<std::string*>(to)->append(data, size * count);
    return size * count;
}

double bare_round(CURL* easy, const std::string& url) {
    const double before = cpu_now();
    for (int i = 0; i < calls; ++i) {
        std::string body;
        curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/x-www-form-urlencoded");
        curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
        curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, form.c_str());
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, static_cast<long>(form.size()));
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &keep);
        curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        if (curl_easy_perform(easy) != CURLE_OK || body.empty()) std::abort();
        curl_slist_free_all(headers);
    }
    return (cpu_now() - before) / calls;
}

Task<bool> post_all(app::HttpClient& client, std::string url) {
    for (int i = 0; i < calls; ++i) {
        HttpRequest request{.method = Method::post, .url = url, .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};
        request.secret_body = Secret(form);
        const auto answer = co_await client.send(std::move(request), {.may_repeat = false});
        if (!answer || answer->status != 200 || answer->body.empty()) co_return false;
    }
    co_return true;
}

double our_round(asio::io_context& loop, app::HttpClient& client, const std::string& url) {
    const double before = cpu_now();
    std::optional<bool> good;
    asio::co_spawn(loop.get_executor(), post_all(client, url), [&](std::exception_ptr, bool result) {
        good = result;
        loop.stop();
    });
    loop.restart();
    loop.run();
    if (!good.value_or(false)) std::abort();
    return (cpu_now() - before) / calls;
}

}  // namespace

int main() {
    const std::string url = "http://127.0.0.1:" + std::to_string(bench::start_token_server()) + "/token";
    const auto clock = make_system_clock();
    SystemRandom random;
    http::ClientSettings settings;
    settings.egress.push_back({"*", {}, core::AddressRange::parse("127.0.0.0/8").value(), {}});
    settings.plain_http = PlainHttp::allow_plain_http_for_tests;
    const auto client = std::move(http::make_http_client(std::move(settings), *clock, random).value());
    asio::io_context loop(1);
    CURL* easy = curl_easy_init();
    std::vector<double> bare, ours;
    bare_round(easy, url);
    our_round(loop, *client, url);
    for (int i = 0; i < rounds; ++i) {
        bare.push_back(bare_round(easy, url));
        ours.push_back(our_round(loop, *client, url));
    }
    std::printf("{\"bare_us\":%.2f,\"renkei_us\":%.2f,\"ratio\":%.2f,\"calls\":%d,\"rounds\":%d}\n", median(bare), median(ours), median(ours) / median(bare),
                calls, rounds);
    curl_easy_cleanup(easy);
    return 0;
}
