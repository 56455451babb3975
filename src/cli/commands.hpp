#pragma once

#include "base/json.hpp"
#include "cli/api.hpp"
#include "cli/command.hpp"
#include "cli/context.hpp"

#include <string>
#include <vector>

namespace renkei::cli {

// Each area gives its rows; all_commands() puts them together.
std::vector<Command> connect_commands();
std::vector<Command> connection_commands();
std::vector<Command> fence_commands();
std::vector<Command> registration_commands();
std::vector<Command> external_vault_commands();
std::vector<Command> consent_commands();
std::vector<Command> mail_commands();
std::vector<Command> automation_commands();
std::vector<Command> value_commands();
std::vector<Command> key_commands();
std::vector<Command> permission_commands();
std::vector<Command> people_commands();
std::vector<Command> operation_commands();
std::vector<Command> server_commands();

/// Prints a value as JSON for programs, or refuses; what most commands do at their end.
int print_json(const json::value& value);
/// Colour and word of a connection's state, in the reader's language.
std::string state_word(const Context& context, std::string_view state);
std::string state_colour(std::string_view state);
/// "2 min", "3 d": how long ago, or until, for tables.
std::string relative_time(const Context& context, std::string_view iso);
/// The items of a list that comes in one piece.
const json::array& items_of(const json::value& list);
/// The texts of a member that is a list: "a, b".
std::string joined(const json::value& object, std::string_view member);
/// A list of texts as a JSON array.
json::array texts(const std::vector<std::string>& items);
/// Writes a new file that only its owner may read. Refuses to overwrite.
Result<void> write_private_file(const std::string& path, std::string_view content);
/// Follows an operation to its end, with its progress on a terminal, then prints its items. The exit code says whether all went well.
int follow_operation(Context& context, const std::string& path);
/// name: value, aligned.
void print_fields(const Context& context, const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace renkei::cli
