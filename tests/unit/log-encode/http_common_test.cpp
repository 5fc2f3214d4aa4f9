#include <zlib.h>
#include <zstd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/config/node.hpp"
#include "core/os/files.hpp"
#include "sidecars/log/sinks/http_common.hpp"
#include "tests/support/servers.hpp"

using namespace tandem;
using namespace tandem::shipper;
using namespace tandem::test;

namespace {

std::string completed(const char* url, const char* path) {
  std::string why;
  return complete_url(net::parse_url(url, why).value(), path);
}

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  REQUIRE(::inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  std::string out(1 << 22, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(::inflate(&stream, Z_FINISH) == Z_STREAM_END);
  CHECK(stream.avail_in == 0);
  out.resize(stream.total_out);
  ::inflateEnd(&stream);
  return out;
}

std::string unzstd(std::string_view bytes) {
  std::string out(1 << 22, '\0');
  const auto size = ::ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size());
  REQUIRE_FALSE(::ZSTD_isError(size));
  out.resize(size);
  return out;
}

std::string problems_of(const std::string& yaml, SinkType type) {
  Problems problems;
  const auto documents = parse_yaml(yaml, "c", problems);
  SinkSettings sink;
  Reader item(documents.at(0).root, "c", "", problems);
  type.read(item, sink);
  item.done();
  return problems.text();
}

}  // namespace

TEST_CASE("a base URL gets the path of the API, a whole one stays") {
  CHECK(completed("http://loki:3100", "/loki/api/v1/push") == "http://loki:3100/loki/api/v1/push");
  CHECK(completed("http://loki:3100/", "/loki/api/v1/push") == "http://loki:3100/loki/api/v1/push");
  CHECK(completed("http://h/x/loki/api/v1/push?a=b", "/loki/api/v1/push") == "http://h/x/loki/api/v1/push?a=b");
  CHECK(completed("http://h/base/?a=b", "/_bulk") == "http://h/base/_bulk?a=b");
  CHECK(completed("http://h/in", "") == "http://h/in");
}

TEST_CASE("what is compressed unpacks to the same bytes, one body after the other") {
  const auto kind = GENERATE(Compression::gzip, Compression::zstd);
  const int level = GENERATE(0, 1, 9);
  Compressor compressor(kind, level);
  std::string noise;
  for (unsigned i = 0, x = 1; i < 200'000; ++i) noise += static_cast<char>((x = x * 1'103'515'245 + 12'345) >> 16);
  for (const std::string& body : {std::string("hello"), std::string(), std::string(1 << 20, 'a'), noise}) {
    Buffer out;
    out.append("before");
    compressor.append(body, out);
    const auto packed = out.view().substr(6);
    const auto back = kind == Compression::gzip ? gunzip(packed) : unzstd(packed);
    CHECK((back == body));
  }
}

TEST_CASE("credentials follow their file, through symbolic links too") {
  const TemporaryDirectory directory;
  const auto first = directory.path() / "1", second = directory.path() / "2", link = directory.path() / "token";
  write_file(first, " one\n");
  write_file(second, "two\n");
  std::filesystem::create_symlink(first, link);
  std::string why;
  Credentials bearer({"", "", link.string()});
  CHECK(bearer.authorization(why) == "Bearer one");
  std::filesystem::remove(link);
  std::filesystem::create_symlink(second, link);
  CHECK(bearer.authorization(why) == "Bearer two");
  CHECK(bearer.authorization(why) == "Bearer two");
  std::filesystem::remove(link);
  CHECK(bearer.authorization(why) == std::nullopt);
  CHECK(why.find(link.string()) != std::string::npos);
  write_file(link, "three");
  CHECK(bearer.authorization(why) == "Bearer three");
  Credentials basic({"me", first.string(), ""});
  CHECK(basic.authorization(why) == "Basic bWU6b25l");
  CHECK(Credentials(HttpAuth()).authorization(why) == "");
}

TEST_CASE("a secret that cannot be one is refused without being shown") {
  const TemporaryDirectory directory;
  const auto file = directory.path() / "token";
  for (const std::string& content :
       {std::string(), std::string(" \n"), std::string("geheim\nX: y"), std::string(70'000, 'g')}) {
    write_file(file, content);
    std::string why;
    CHECK(Credentials({"", "", file.string()}).authorization(why) == std::nullopt);
    CHECK(why.find("geheim") == std::string::npos);
    CHECK(!why.empty());
  }
}

TEST_CASE("every problem of a sink's keys is named at once") {
  const auto text = problems_of(
      "{url: 'ftp://x', basic: {user: 'a:b'}, compression: brotli, labels: {9a: x, b: '${'}, line: all, tenat: x}",
      loki_sink());
  for (const char* part : {"ftp://x", "needs both user and passwordFile", "colon", "brotli",
                           "\"9a\" is no label's name", "the label b has a ${ without a }", "line", "tenat"}) {
    CAPTURE(text, part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(problems_of("{url: 'http://h', index: Logs}", elasticsearch_sink()).find("has capital letters") !=
        std::string::npos);
  CHECK(problems_of("{url: 'http://h', index: a, dataStream: b}", elasticsearch_sink()).find("excludes index") !=
        std::string::npos);
  CHECK(problems_of("{url: 'http://h', service: '$x'}", otlp_sink()).find("begins no ${FIELD}") != std::string::npos);
  CHECK(problems_of("{url: 'http://h', compression: zstd}", loki_sink()).find("zstd") != std::string::npos);
  CHECK(
      problems_of("{url: 'http://h', compression: gzip, compressionLevel: 12}", otlp_sink()).find("compressionLevel") !=
      std::string::npos);
  CHECK(problems_of("{url: 'http://h', compression: zstd, compressionLevel: 12}", otlp_sink()).empty());
  CHECK(problems_of("{url: 'http://h', bearerTokenFile: /t, basic: {user: u, passwordFile: /p}}", http_sink())
            .find("excludes basic") != std::string::npos);
}

TEST_CASE("credentials that are refused are tried again, records are not") {
  HttpAnswer answer;
  answer.answered = true;
  for (int status : {401, 403, 429, 500}) {
    answer.response.status = status;
    CHECK(judge_answer(answer).verdict == Verdict::retry_later);
  }
  for (int status : {400, 404, 413}) {
    answer.response.status = status;
    CHECK(judge_answer(answer).verdict == Verdict::rejected);
  }
}
