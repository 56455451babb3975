#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::server {

enum class SettingKind : std::uint8_t { text, integer, boolean, list };

/// One row of the configuration: from it come parsing, refusals, `renkei config reference` and docs/configuration.md.
struct SettingRow {
    std::string_view key;  ///< as in renkei.toml, with dots
    SettingKind kind;
    std::string_view standard;  ///< default; lists: blank-separated
    std::string_view about;
};
std::span<const SettingRow> all_settings();
/// RENKEI_SERVER_LISTEN for server.listen.
std::string environment_name(std::string_view key);

/// What was configured, each value with where it came from. Values are checked where they are used, by Settings.
class Config {
public:
    struct Value {
        std::vector<std::string> items;  ///< one item unless a list
        std::string source;              ///< "renkei.toml line 3", "RENKEI_SERVER_LISTEN", "--server.listen", "default"
    };

    Config();  ///< the defaults
    /// Rising weight: load the file first, then the environment, then flags. Errors name the place and suggest a key.
    Result<void> load_toml(std::string_view text, std::string_view file_name);
    Result<void> load_environment(std::span<const std::pair<std::string, std::string>> variables);
    Result<void> set(std::string_view key, std::string_view value, std::string source);

    const std::string& text(std::string_view key) const;
    const std::vector<std::string>& list(std::string_view key) const;
    std::int64_t integer(std::string_view key) const;
    bool boolean(std::string_view key) const;
    const Value& value(std::string_view key) const { return values_.at(std::string(key)); }

private:
    Result<void> put(const SettingRow& row, std::vector<std::string> items, std::string source);
    std::map<std::string, Value, std::less<>> values_;
};

/// Markdown table of every setting.
std::string config_reference();

}  // namespace renkei::server
