#include "base/uri.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>

namespace renkei {
namespace {

std::string plain(boost::urls::pct_string_view text) { return std::string(text.data(), text.size()); }

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f; });
}

}  // namespace

Result<Uri> Uri::parse(std::string_view text) {
    if (text.size() > 8192 || has_control(text)) return fail(Errc::invalid_field, "not an absolute http or https address");
    const auto parsed = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (!parsed) return fail(Errc::invalid_field, "not an absolute http or https address");
    const auto& view = parsed.value();
    Uri uri;
    uri.scheme = lower_ascii({view.scheme().data(), view.scheme().size()});
    if (uri.scheme != "http" && uri.scheme != "https") return fail(Errc::invalid_field, "the address must begin with http:// or https://");
    if (view.has_userinfo()) return fail(Errc::invalid_field, "the address must not hold a user name or password");
    if (view.has_fragment()) return fail(Errc::invalid_field, "the address must not have a fragment");
    uri.host = lower_ascii(plain(view.encoded_host_address()));
    if (uri.host.empty() || uri.host.find('%') != std::string::npos) return fail(Errc::invalid_field, "the address has no proper host name");
    const std::string digits(view.port().data(), view.port().size());
    uri.port = digits.empty() ? (uri.scheme == "https" ? 443 : 80) : view.port_number();
    if (uri.port == 0 || (!digits.empty() && std::to_string(uri.port) != digits)) return fail(Errc::invalid_field, "the address has no proper port");
    uri.path = plain(view.encoded_path());
    // Boost.URL 1.81 takes 127.0.0.1.evil.example for the host 127.0.0.1 and the path .evil.example; RFC 3986 section 3.2
    // lets a path behind a host begin with "/" only. An IPvFuture literal would lose its brackets and be another name.
    if ((!uri.path.empty() && uri.path.front() != '/') || view.host_type() == boost::urls::host_type::ipvfuture)
        return fail(Errc::invalid_field, "the address has no proper host name");
    if (uri.path.empty()) uri.path = "/";
    uri.query = plain(view.encoded_query());
    return uri;
}

std::string Uri::origin() const {
    const bool v6 = host.find(':') != std::string::npos;
    std::string out = scheme + "://" + (v6 ? "[" + host + "]" : host);
    if (port != (scheme == "https" ? 443 : 80)) out += ":" + std::to_string(port);
    return out;
}

std::string Uri::text() const { return origin() + path + (query.empty() ? "" : "?" + query); }

std::string with_query(std::string_view url, const Fields& fields) {
    std::string out(url);
    out += url.find('?') == url.npos ? '?' : '&';
    return out + form_encode(fields);
}

}  // namespace renkei
