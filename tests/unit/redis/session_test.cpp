#include "ambassador/redis/session.hpp"

#include <catch2/catch.hpp>

using namespace tandem::redis;

namespace {

struct Client {
  Session session;
  Answers answers;
  bool close = false;

  explicit Client(std::string password = "") {
    answers.username = "default";
    answers.password = std::move(password);
    session.authenticated = !answers.needs_password();
    session.id = 42;
  }

  std::string ask(std::vector<std::string_view> args) {
    Command command;
    command.args = std::move(args);
    std::string out;
    answer_here(command, *find_command(command.args[0]), session, answers, out, close);
    return out;
  }
};

}  // namespace

TEST_CASE("What clients send on connecting is answered as Redis does") {
  Client client;
  REQUIRE(client.ask({"PING"}) == "+PONG\r\n");
  REQUIRE(client.ask({"ping", "x"}) == "$1\r\nx\r\n");
  REQUIRE(client.ask({"ECHO", "hi"}) == "$2\r\nhi\r\n");
  REQUIRE(client.ask({"SELECT", "0"}) == "+OK\r\n");
  REQUIRE(client.ask({"SELECT", "1"}) == "-ERR SELECT is not allowed in cluster mode\r\n");
  REQUIRE(client.ask({"CLIENT", "ID"}) == ":42\r\n");
  REQUIRE(client.ask({"CLIENT", "GETNAME"}) == "$-1\r\n");
  REQUIRE(client.ask({"CLIENT", "SETNAME", "web"}) == "+OK\r\n");
  REQUIRE(client.ask({"CLIENT", "GETNAME"}) == "$3\r\nweb\r\n");
  REQUIRE(client.ask({"CLIENT", "SETNAME", "a b"}).starts_with("-ERR Client names cannot"));
  REQUIRE(client.ask({"CLIENT", "SETINFO", "LIB-NAME", "hiredis"}) == "+OK\r\n");
  REQUIRE(client.ask({"CLIENT", "SETINFO", "x", "y"}) == "-ERR Unrecognized option 'x'\r\n");
  REQUIRE(client.ask({"CLIENT", "nope"}) == "-ERR unknown subcommand 'nope'. Try CLIENT HELP.\r\n");
  REQUIRE(client.ask({"CONFIG", "GET", "save"}) == "*2\r\n$4\r\nsave\r\n$0\r\n\r\n");
  REQUIRE(client.ask({"CONFIG", "GET", "max*"}).starts_with("*6\r\n"));
  REQUIRE(client.ask({"CONFIG", "SET", "save", ""}).starts_with("-ERR tandem-redis"));
  REQUIRE(client.ask({"TIME"}).starts_with("*2\r\n$10\r\n"));
  REQUIRE_FALSE(client.close);
  REQUIRE(client.ask({"QUIT"}) == "+OK\r\n");
  REQUIRE(client.close);
}

TEST_CASE("HELLO speaks RESP2 only") {
  Client client;
  REQUIRE(client.ask({"HELLO"}).starts_with("*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n"));
  REQUIRE(client.ask({"HELLO", "2", "SETNAME", "web"}).starts_with("*14\r\n"));
  REQUIRE(client.session.name == "web");
  REQUIRE(client.ask({"HELLO", "3"}) == "-NOPROTO unsupported protocol version\r\n");
  REQUIRE(client.ask({"HELLO", "x"}) == "-ERR Protocol version is not an integer or out of range\r\n");
  REQUIRE(client.ask({"HELLO", "2", "AUTH", "x"}).starts_with("-ERR Syntax error in HELLO option 'AUTH'"));
}

TEST_CASE("Without a password AUTH is refused as Redis refuses it") {
  Client client;
  REQUIRE(client.ask({"AUTH", "x"}).starts_with("-ERR AUTH <password> called without any password configured"));
  REQUIRE(client.ask({"AUTH", "default", "x"}) == "+OK\r\n");
  REQUIRE(client.ask({"AUTH", "bob", "x"}).starts_with("-WRONGPASS"));
  REQUIRE(client.session.authenticated);
}

TEST_CASE("With a password nothing but the right one opens the session") {
  Client client("sesame");
  for (const char* wrong : {"", "s", "sesam", "sesame2", "SESAME"}) {
    REQUIRE(client.ask({"AUTH", wrong}).starts_with("-WRONGPASS"));
    REQUIRE_FALSE(client.session.authenticated);
  }
  REQUIRE(client.ask({"HELLO", "2"}).starts_with("-NOAUTH HELLO must be called"));
  REQUIRE(client.ask({"HELLO", "2", "AUTH", "default", "sesame"}).starts_with("*14\r\n"));
  REQUIRE(client.session.authenticated);
  REQUIRE(client.ask({"RESET"}) == "+RESET\r\n");
  REQUIRE_FALSE(client.session.authenticated);
  REQUIRE(client.ask({"AUTH", "sesame"}) == "+OK\r\n");
  REQUIRE(client.ask({"AUTH", "no"}).starts_with("-WRONGPASS"));
  REQUIRE(client.session.authenticated);
}

TEST_CASE("Before AUTH a client may authenticate, leave, and no more") {
  for (const char* name : {"auth", "hello", "quit", "reset"}) REQUIRE(allowed_without_password(*find_command(name)));
  for (const char* name : {"ping", "get", "client", "command"})
    REQUIRE_FALSE(allowed_without_password(*find_command(name)));
}
