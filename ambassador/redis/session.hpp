// What a client's connection remembers, and the commands that are answered without a node. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ambassador/redis/command_table.hpp"
#include "ambassador/redis/request_parser.hpp"

namespace tandem::redis {

struct Session {
  std::uint64_t id = 0;
  std::string address, local_address;
  std::string name, library_name, library_version;
  bool authenticated = true;
  std::chrono::steady_clock::time_point since{};
  std::string_view last_command;  // a row's name
};

// What the answers depend on, for all clients.
struct Answers {
  std::string version;   // ours
  std::string username;  // "default" when only a password is configured
  std::string password;  // empty: none
  std::uint16_t port = 6379;
  std::function<void(std::string& text)> list_clients;  // CLIENT LIST's lines

  bool needs_password() const { return !password.empty(); }
};

// A line of CLIENT LIST.
std::string describe_session(const Session& session, std::chrono::steady_clock::time_point now);

// True: the command may be sent before AUTH.
bool allowed_without_password(const CommandRow& row);

// Answers a command whose route is `here` and whose arity fits: appends the whole reply to `out`.
// `close`: the connection ends after it.
void answer_here(const Command& command, const CommandRow& row, Session& session, const Answers& answers,
                 std::string& out, bool& close);

}  // namespace tandem::redis
