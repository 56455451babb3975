#include "cli/command.hpp"

#include <csignal>

int main(int count, char** words) {
    // A client that goes away must not end the server (writes then fail with EPIPE).
    std::signal(SIGPIPE, SIG_IGN);
    return renkei::cli::run(count, words);
}
