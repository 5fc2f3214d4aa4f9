#include "ambassador/redis/session.hpp"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>

#include "ambassador/redis/command_replies.hpp"
#include "ambassador/redis/reply_text.hpp"

namespace tandem::redis {
namespace {

struct Call {
  const Command& command;
  Session& session;
  const Answers& answers;
  std::string& out;

  std::size_t size() const { return command.args.size(); }
  std::string_view arg(std::size_t i) const { return command.args[i]; }
  bool is(std::size_t i, std::string_view lower) const { return i < size() && same_word(arg(i), lower); }
  void ok() const { out += ok_reply; }
  void error(std::string_view text) const { append_error(out, text); }
  void wrong_arity(std::string_view name) const {
    error(fmt::format("ERR wrong number of arguments for '{}' command", name));
  }
  void unknown_subcommand(std::string_view help) const {
    error(fmt::format("ERR unknown subcommand '{}'. Try {} HELP.", arg(1).substr(0, 128), help));
  }
};

// Comparing takes the same time wherever the first difference is.
bool same_secret(std::string_view given, std::string_view wanted) {
  unsigned difference = given.size() != wanted.size();
  for (std::size_t i = 0; i < given.size(); ++i)
    difference |= static_cast<unsigned>(given[i] ^ (wanted.empty() ? '\0' : wanted[i % wanted.size()])) & 0xff;
  return difference == 0;
}

bool authenticate(const Call& call, std::string_view user, std::string_view password) {
  const Answers& answers = call.answers;
  const bool right = answers.needs_password() ? user == answers.username && same_secret(password, answers.password)
                                              : user == "default";
  if (right) call.session.authenticated = true;
  if (!right) call.error("WRONGPASS invalid username-password pair or user is disabled.");
  return right;
}

void answer_auth(const Call& call) {
  if (call.size() > 3) return call.error("ERR syntax error");
  if (call.size() == 2 && !call.answers.needs_password())
    return call.error(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your "
        "configuration is correct?");
  const std::string_view user = call.size() == 3 ? call.arg(1) : std::string_view(call.answers.username);
  if (authenticate(call, user, call.arg(call.size() - 1))) call.ok();
}

bool valid_name(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) { return c >= '!' && c <= '~'; });
}

bool set_name(const Call& call, std::string_view name) {
  if (!valid_name(name)) {
    call.error("ERR Client names cannot contain spaces, newlines or special characters.");
    return false;
  }
  call.session.name = name;
  return true;
}

void append_hello(const Call& call) {
  std::string& out = call.out;
  append_array_header(out, 14);
  append_bulk(out, "server"), append_bulk(out, "redis");
  append_bulk(out, "version"), append_bulk(out, "7.0.15");
  append_bulk(out, "proto"), append_integer(out, 2);
  append_bulk(out, "id"), append_integer(out, static_cast<long long>(call.session.id));
  append_bulk(out, "mode"), append_bulk(out, "standalone");
  append_bulk(out, "role"), append_bulk(out, "master");
  append_bulk(out, "modules"), append_array_header(out, 0);
}

// HELLO [2 [AUTH user password] [SETNAME name]]
void answer_hello(const Call& call) {
  long long version = 2;
  if (call.size() > 1 && !parse_integer(call.arg(1), version))
    return call.error("ERR Protocol version is not an integer or out of range");
  if (version != 2) return call.error("NOPROTO unsupported protocol version");
  for (std::size_t i = 2; i < call.size();) {
    if (call.is(i, "auth") && i + 2 < call.size()) {
      if (!authenticate(call, call.arg(i + 1), call.arg(i + 2))) return;
      i += 3;
    } else if (call.is(i, "setname") && i + 1 < call.size()) {
      if (!set_name(call, call.arg(i + 1))) return;
      i += 2;
    } else {
      return call.error(fmt::format("ERR Syntax error in HELLO option '{}'", call.arg(i).substr(0, 128)));
    }
  }
  if (!call.session.authenticated)
    return call.error(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> "
        "<pass> option can be used to authenticate the client and select the RESP protocol version at the same time");
  append_hello(call);
}

void answer_setinfo(const Call& call) {
  if (call.size() != 4) return call.wrong_arity("client|setinfo");
  if (!valid_name(call.arg(3)))
    return call.error(fmt::format("ERR {} cannot contain spaces, newlines or special characters.", call.arg(2)));
  if (call.is(2, "lib-name"))
    call.session.library_name = call.arg(3);
  else if (call.is(2, "lib-ver"))
    call.session.library_version = call.arg(3);
  else
    return call.error(fmt::format("ERR Unrecognized option '{}'", call.arg(2).substr(0, 128)));
  call.ok();
}

void answer_client(const Call& call) {
  if (call.is(1, "setname")) {
    if (call.size() != 3) return call.wrong_arity("client|setname");
    if (set_name(call, call.arg(2))) call.ok();
  } else if (call.is(1, "getname")) {
    if (call.session.name.empty()) return append_null(call.out);
    append_bulk(call.out, call.session.name);
  } else if (call.is(1, "id")) {
    append_integer(call.out, static_cast<long long>(call.session.id));
  } else if (call.is(1, "setinfo")) {
    answer_setinfo(call);
  } else if (call.is(1, "info")) {
    append_bulk(call.out, describe_session(call.session, std::chrono::steady_clock::now()) + "\n");
  } else if (call.is(1, "list")) {
    std::string text;
    if (call.answers.list_clients) call.answers.list_clients(text);
    append_bulk(call.out, text);
  } else if (call.is(1, "no-evict") || call.is(1, "no-touch")) {
    call.ok();
  } else {
    call.unknown_subcommand("CLIENT");
  }
}

struct ConfigValue {
  const char* name;
  const char* value;
};

// What clients and redis-benchmark ask for.
constexpr ConfigValue config_values[] = {
    {"appendonly", "no"},
    {"databases", "1"},
    {"maxclients", "10000"},
    {"maxmemory", "0"},
    {"maxmemory-policy", "noeviction"},
    {"notify-keyspace-events", ""},
    {"proto-max-bulk-len", "536870912"},
    {"save", ""},
    {"timeout", "0"},
};

void answer_config(const Call& call) {
  if (!call.is(1, "get")) return call.error("ERR tandem-redis answers CONFIG GET only; configure the nodes themselves");
  if (call.size() < 3) return call.wrong_arity("config|get");
  std::vector<const ConfigValue*> found;
  for (const ConfigValue& value : config_values)
    for (std::size_t i = 2; i < call.size(); ++i)
      if (fnmatch(std::string(call.arg(i)).c_str(), value.name, FNM_CASEFOLD) == 0) {
        found.push_back(&value);
        break;
      }
  append_array_header(call.out, found.size() * 2);
  for (const ConfigValue* value : found) append_bulk(call.out, value->name), append_bulk(call.out, value->value);
}

void answer_ping(const Call& call) {
  if (call.size() > 2) return call.wrong_arity("ping");
  if (call.size() == 2) return append_bulk(call.out, call.arg(1));
  append_simple(call.out, "PONG");
}

void answer_select(const Call& call) {
  long long number = 0;
  if (!parse_integer(call.arg(1), number)) return call.error("ERR value is not an integer or out of range");
  if (number != 0) return call.error("ERR SELECT is not allowed in cluster mode");
  call.ok();
}

void answer_time(const Call& call) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now).count();
  append_array_header(call.out, 2);
  append_bulk(call.out, std::to_string(us / 1'000'000));
  append_bulk(call.out, std::to_string(us % 1'000'000));
}

void answer_reset(const Call& call) {
  call.session.name.clear();
  call.session.authenticated = !call.answers.needs_password();
  append_simple(call.out, "RESET");
}

}  // namespace

std::string describe_session(const Session& session, std::chrono::steady_clock::time_point now) {
  return fmt::format(
      "id={} addr={} laddr={} name={} age={} flags=N db=0 cmd={} user=default lib-name={} lib-ver={} resp=2",
      session.id, session.address, session.local_address, session.name,
      std::chrono::duration_cast<std::chrono::seconds>(now - session.since).count(),
      session.last_command.empty() ? "NULL" : session.last_command, session.library_name, session.library_version);
}

bool allowed_without_password(const CommandRow& row) { return row.flags.find("no_auth") != row.flags.npos; }

void answer_here(const Command& command, const CommandRow& row, Session& session, const Answers& answers,
                 std::string& out, bool& close) {
  const Call call{command, session, answers, out};
  const std::string_view name = row.name;
  if (name == "ping") return answer_ping(call);
  if (name == "echo") return append_bulk(out, command.args[1]);
  if (name == "select") return answer_select(call);
  if (name == "auth") return answer_auth(call);
  if (name == "hello") return answer_hello(call);
  if (name == "client") return answer_client(call);
  if (name == "command") return answer_command(command, out);
  if (name == "config") return answer_config(call);
  if (name == "time") return answer_time(call);
  if (name == "reset") return answer_reset(call);
  if (name == "quit") {
    close = true;
    return call.ok();
  }
  append_error(out, "ERR tandem-redis has no answer for '" + std::string(name) + "'");
}

}  // namespace tandem::redis
