#pragma once

#include "base/encoding.hpp"
#include "base/result.hpp"
#include "sandbox/service.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox {

/// An answer that goes wrong on purpose. Empty members match everything.
struct Fault {
    std::string service, method, path;  ///< path: the whole one without the query, as sent; a `*` at the end matches the rest
    int status = 0;                     ///< 0: the answer is the service's own (delayed, cut off or lost)
    Fields headers{};
    std::optional<std::int64_t> times{};  ///< how many requests; without it until it is forgotten
    std::chrono::milliseconds delay{0};
    bool reset = false;      ///< the connection ends with RST
    bool hang = false;       ///< no answer until the fault is forgotten
    bool carry_out = false;  ///< the request is carried out before its answer goes wrong
    int aadsts = 0;          ///< login: this number of the catalogue
    std::string claims{};    ///< with aadsts
    std::optional<std::string> body{};
    std::string content_type{};
    std::optional<std::uint64_t> cut_after{};   ///< the answer ends after so many bytes, before its Content-Length
    std::optional<std::uint64_t> body_bytes{};  ///< a body of this size
    std::chrono::milliseconds pause{0};         ///< between pieces of 1 KiB
    std::uint64_t id = 0;
};

/// The control endpoint's JSON (client-requirements section 1.7) as a fault. Unknown members are refused.
Result<Fault> parse_fault(std::string_view json_text);

/// The faults that wait for their requests.
class Faults {
public:
    std::uint64_t add(Fault fault);
    void clear() {
        waiting_.clear();
        ++forgotten_;
    }
    /// Grows with each clear(): requests that hang look at it.
    std::uint64_t forgotten() const { return forgotten_; }
    /// The first fault that fits, used up by one.
    std::optional<Fault> take(std::string_view service, std::string_view method, std::string_view path);
    std::size_t size() const { return waiting_.size(); }

private:
    std::vector<Fault> waiting_;
    std::uint64_t last_ = 0, forgotten_ = 0;
};

/// The fault's answer in place of `own` (the service's own answer, or the vendor's error).
ServerResponse faulted(const Fault& fault, ServerResponse own);

}  // namespace renkei::sandbox
