#include "core/run/config_keys.hpp"

#include <catch2/catch.hpp>

#include "core/run/config_path.hpp"

using namespace tandem;
using namespace tandem::run;

namespace {

const ConfigTable table = {
    {"listen", "address", "127.0.0.1:80", "Where."},
    {"state.dir", "path", "/state", "Files."},
    {"state.maxSize", "bytes", "1Mi", "Size."},
    {"sources[].name", "string", "", "Name."},
    {"sources[].password", "string", "", "Secret.", true},
    {"labels", "map of strings", "", "Any."},
    {"auth.password", "string", "", "Secret.", true},
    {"peers", "list of addresses", "", "Others."},
    {"shown", "boolean", "", "Whether."},
};

Document parse(const std::string& text) {
  Problems problems;
  auto documents = parse_yaml(text, "test.yaml", problems);
  CHECK(problems.text() == "");
  if (documents.empty()) return {"test.yaml", {}};
  return documents.front();
}

std::string problems_of(const std::string& text) {
  Problems problems;
  validate_keys(parse(text), table, problems);
  return problems.text();
}

}  // namespace

TEST_CASE("keys of the table, common keys and anything below a map are known") {
  CHECK(problems_of(
            "listen: a\nstate: {dir: x, maxSize: 1}\nsources: [{name: a, password: b}]\nlabels: {any: x, thing: y}\n"
            "admin: {listen: b}\nlog: {level: info}\ndrain: {timeout: 1s}\n") == "");
}

TEST_CASE("an unknown key is told with its place and the closest known one, once") {
  CHECK(problems_of("state:\n  dri: x\nsources:\n- {nmae: a}\nwhatever: {deep: {er: 1}}\n") ==
        "test.yaml:2:3: state: unknown field \"dri\"; did you mean \"dir\"?\n"
        "test.yaml:4:4: sources[0]: unknown field \"nmae\"; did you mean \"name\"?\n"
        "test.yaml:5:1: unknown field \"whatever\"; known here: admin, auth, drain, labels, listen, log, peers, shown, "
        "sources, state\n");
}

TEST_CASE("a key has a variable unless it is in a list") {
  CHECK(environment_name("tandem-log", "state.dir") == "TANDEM_LOG_STATE_DIR");
  CHECK(environment_name("tandem-log", "state.maxSize") == "TANDEM_LOG_STATE_MAX_SIZE");
  CHECK(environment_name("tandem-log", "sources[].name") == "");
}

TEST_CASE("the environment overrides the file and makes what is missing") {
  auto config = parse("listen: a:1\n");
  apply_environment(config, "prog", table, [](const std::string& name) -> const char* {
    if (name == "PROG_LISTEN") return "b:2";
    if (name == "PROG_STATE_MAX_SIZE") return "5";
    if (name == "PROG_ADMIN_LISTEN") return "127.0.0.1:0";
    return nullptr;
  });
  CHECK(config.root.find("listen")->text == "b:2");
  CHECK(config.root.find("state")->find("maxSize")->as_integer() == 5);
  CHECK(config.root.find("admin")->find("listen")->text == "127.0.0.1:0");
}

TEST_CASE("the printed config has the defaults, masks secrets, and reads back") {
  auto text = print_config(parse("sources: [{name: a, password: hunter2}, {name: b}]\nstate: {dir: /x}\n"), table);
  CHECK(text.find("hunter2") == std::string::npos);
  auto again = parse(text);
  CHECK(again.root.find("listen")->text == "127.0.0.1:80");
  CHECK(again.root.find("state")->find("dir")->text == "/x");
  CHECK(again.root.find("state")->find("maxSize")->text == "1Mi");
  CHECK(again.root.find("sources")->items[0].find("password")->text == "***");
  CHECK(again.root.find("drain")->find("timeout")->text == "25s");
  CHECK(again.root.find("admin") == nullptr);
}

TEST_CASE("a URL in the printed config ends where its value does, and an address of a socket is one") {
  for (const char* url : {"https://u:hun ter2@h/", "https://h/?x=1 &\ttoken=hunter2", "http://h/?\ttoken=hunter2",
                          "unix:/x?token=hunter2", "http://h/?token=hun ter2", "http://h/? t%6fken=hunter2",
                          " unix:/x;k=hunter2", "http://h/?a=\"hunter2\""}) {
    Document config = parse("labels: {x: y}\n");
    REQUIRE(set_at(config.root, "labels.x", [&] {
      Node value;
      value.kind = Node::Kind::string;
      value.text = url;
      return value;
    }()));
    const auto text = print_config(config, table);
    CAPTURE(text);
    CHECK(text.find("ter2") == std::string::npos);
    CHECK(text.find("***") != std::string::npos);
  }
  const char* const kept = "labels: {x: \"^https?://(\\\\w+)(\\\\?.*)?$\", y: \"a?b&c;d#e=f\"}\n";
  CHECK(parse(print_config(parse(kept), table)).root.find("labels")->find("x")->text == "^https?://(\\w+)(\\?.*)?$");
  CHECK(parse(print_config(parse(kept), table)).root.find("labels")->find("y")->text == "a?b&c;d#e=f");
}

TEST_CASE("the keys that a config does not use are found") {
  CHECK(unused_keys(parse("sources: [{name: a}]\nstate: {dir: x}\n"), table) ==
        std::vector<std::string>{"listen", "state.maxSize", "sources[].password", "labels", "auth.password", "peers",
                                 "shown"});
}

TEST_CASE("a value cannot be put below a scalar") {
  auto config = parse("state: short\n");
  CHECK_FALSE(set_at(config.root, "state.dir", Node()));
  CHECK(config.root.find("state")->text == "short");
}

TEST_CASE("a string's variable is its bytes as they are, a scalar's is read as one, a list's as YAML") {
  const auto value = [](const std::string& variable, const std::string& text) {
    Document config{"test.yaml", {}};
    apply_environment(config, "prog", table,
                      [&](const std::string& name) { return name == variable ? text.c_str() : nullptr; });
    return config.root;
  };
  for (const char* text : {"abc #def", "&a b", "'quoted'", "\"quoted\"", "12345", "true", "~", "*a", "!x y", "a: b",
                           "{}", "", " x ", "- a", "line\nline", "|", "@x", "%TAG"}) {
    const Node root = value("PROG_AUTH_PASSWORD", text);
    REQUIRE(root.find("auth"));
    CHECK(root.find("auth")->find("password")->text == text);
    CHECK(root.find("auth")->find("password")->kind == Node::Kind::string);
  }
  CHECK(value("PROG_SHOWN", "yes").find("shown")->as_bool() == true);
  CHECK(value("PROG_SHOWN", " false\n").find("shown")->as_bool() == false);
  CHECK(value("PROG_SHOWN", "maybe").find("shown")->kind == Node::Kind::string);
  CHECK(value("PROG_STATE_MAX_SIZE", "5Mi").find("state")->find("maxSize")->text == "5Mi");
  CHECK(value("PROG_PEERS", "[\"a:1\", \"b:2\"]").find("peers")->items.size() == 2);
  CHECK(value("PROG_PEERS", "a:1").find("peers")->text == "a:1");
  CHECK(value("PROG_LABELS", "{a: b}").find("labels")->find("a")->text == "b");
}

TEST_CASE("passwords and tokens in URLs are masked in the printed config") {
  const auto text = print_config(
      parse("listen: \"http://u:hunter2@h/?token=hunter2&a=b\"\nlabels: {x: [\"http://h/?key=hunter2\"]}\n"), table);
  CHECK(text.find("hunter2") == std::string::npos);
  CHECK(text.find("u:***@h/?token=***&a=***") != std::string::npos);
}
