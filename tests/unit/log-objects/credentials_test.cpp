#include <catch2/catch.hpp>
#include <map>

#include "core/os/files.hpp"
#include "sidecars/log/sinks/aws_credentials.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace tandem::test;
using Catch::Matchers::Contains;

namespace {

Environment variables(std::map<std::string, std::string> all) {
  return [all](const char* name) {
    const auto at = all.find(name);
    return at == all.end() ? nullptr : at->second.c_str();
  };
}

std::string shown(const std::optional<AwsKeys>& keys) {
  return keys ? keys->access_key + " " + keys->secret_key + " " + keys->session_token : "none";
}

const std::string shared =
    "# of the team\n[default]\naws_access_key_id = D1\r\naws_secret_access_key=D2\n\n; temporary\n[ ci ]\n"
    "aws_access_key_id=C1\naws_secret_access_key = a=b/c+d\naws_session_token=C3\nregion = x\n[empty]\n";

}  // namespace

TEST_CASE("a profile of a shared file is found among others") {
  std::string why;
  CHECK(shown(parse_aws_profile(shared, "default", why)) == "D1 D2 ");
  CHECK(shown(parse_aws_profile(shared, "ci", why)) == "C1 a=b/c+d C3");
  CHECK(why.empty());
  CHECK_FALSE(parse_aws_profile(shared, "empty", why));
  CHECK(why == "has no aws_access_key_id and aws_secret_access_key in [empty]");
  CHECK_FALSE(parse_aws_profile(shared, "prod", why));
  CHECK(why == "has no profile [prod]");
  CHECK_FALSE(parse_aws_profile("[default]\naws_access_key_id = a b\naws_secret_access_key = c\n", "default", why));
  CHECK_THAT(why, Contains("spaces or control characters"));
}

TEST_CASE("keys come from the configured files first, and follow them when they are replaced") {
  TemporaryDirectory directory;
  const auto path = [&](const char* name) { return (directory.path() / name).string(); };
  write_file(path("id"), "F1\n");
  write_file(path("secret"), "F2\n");
  AwsCredentials credentials({path("id"), path("secret"), "", ""},
                             variables({{"AWS_ACCESS_KEY_ID", "E1"}, {"AWS_SECRET_ACCESS_KEY", "E2"}}));
  std::string why;
  CHECK(shown(credentials.read(why)) == "F1 F2 ");
  replace_file(path("secret"), "other secret");
  CHECK(shown(credentials.read(why)) == "F1 other secret ");
  fs::remove(path("id"));
  CHECK_FALSE(credentials.read(why));
  CHECK_THAT(why, Contains(path("id")) && !Contains("secret\""));
}

TEST_CASE("without configured files keys come from the environment, then from the shared file") {
  TemporaryDirectory directory;
  const std::string file = (directory.path() / "credentials").string();
  write_file(file, shared);
  std::string why;
  AwsCredentials of_environment({}, variables({{"AWS_ACCESS_KEY_ID", "E1"},
                                               {"AWS_SECRET_ACCESS_KEY", "E2"},
                                               {"AWS_SESSION_TOKEN", "E3"},
                                               {"AWS_SHARED_CREDENTIALS_FILE", file}}));
  CHECK(shown(of_environment.read(why)) == "E1 E2 E3");
  AwsCredentials of_file({}, variables({{"AWS_SHARED_CREDENTIALS_FILE", file}, {"AWS_PROFILE", "ci"}}));
  CHECK(shown(of_file.read(why)) == "C1 a=b/c+d C3");
  AwsCredentials of_profile(
      {"", "", "", "default"},
      variables({{"AWS_ACCESS_KEY_ID", "E1"}, {"AWS_SECRET_ACCESS_KEY", "E2"}, {"AWS_SHARED_CREDENTIALS_FILE", file}}));
  CHECK(shown(of_profile.read(why)) == "D1 D2 ");
  replace_file(file, "[default]\naws_access_key_id=N1\naws_secret_access_key=N2");
  CHECK(shown(of_profile.read(why)) == "N1 N2 ");
}

TEST_CASE("that there are no keys is said with what to do, and that a web identity does not help") {
  std::string why;
  CHECK_FALSE(AwsCredentials({}, variables({})).read(why));
  CHECK_THAT(why, Contains("credentials.accessKeyFile") && !Contains("identity"));
  CHECK_FALSE(AwsCredentials({}, variables({{"AWS_WEB_IDENTITY_TOKEN_FILE", "/x"}})).read(why));
  CHECK_THAT(why, Contains("web or pod identity, which tandem-log cannot use"));
  CHECK_FALSE(AwsCredentials({}, variables({{"AWS_SHARED_CREDENTIALS_FILE", "/nowhere/c"}})).read(why));
  CHECK(why == "AWS_SHARED_CREDENTIALS_FILE: there is no /nowhere/c");
}
