#pragma once

#include "sandbox/service.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace renkei::sandbox {

struct ImportProblem {
    std::string path;
    std::string reason;
};

struct ImportReport {
    std::size_t files = 0;     ///< looked at
    std::size_t messages = 0;  ///< stored
    std::vector<ImportProblem> problems{};
};

/// The messages of an mbox: "From " lines after a blank line part them, except where a Content-Length says that a line belongs to the body;
/// ">From " is turned back.
std::vector<std::string> messages_of_mbox(std::string_view text);

/// Puts an .eml file, an mbox, a maildir or everything below a folder into a mailbox. Files that are no mail are named with a reason; the
/// rest goes on. Read is what a maildir's flags (S) or an mbox's Status field say.
ImportReport import_mail(MailSink& sink, const std::filesystem::path& path, const std::string& mailbox, const std::string& folder = "inbox",
                         const std::function<void(const ImportReport&)>& progress = {});

}  // namespace renkei::sandbox
