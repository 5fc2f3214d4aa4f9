#include "examples/guestbook/src/guestbook.hpp"

#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>

#include "core/config/json_text.hpp"

namespace tandem::guestbook {

namespace {

constexpr std::int64_t usual_entries = 20, most_entries = 100;

std::string rfc3339_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

net::Response json(int status, const std::string& body) {
  return net::Response(status, body + "\n", "application/json");
}

net::Response as_html(int status, std::string body) {
  return net::Response(status, std::move(body), "text/html; charset=utf-8");
}

bool wants_html(const net::Request& request) {
  const std::string* accept = request.headers.find("Accept");
  return accept && accept->find("text/html") != std::string::npos;
}

net::Response unavailable(const std::string& why, bool as_page) {
  net::Response response = as_page ? as_html(503, page_without_entries(why))
                                   : net::Response(503, "the entries cannot be reached: " + why + "\n");
  response.headers.set("Retry-After", "1");
  return response;
}

std::string entry_key(std::int64_t id) { return "guestbook:entry:" + std::to_string(id); }

}  // namespace

void Guestbook::add_routes(net::HttpServer& server) {
  route(server, "POST", "/entries", &Guestbook::add_entry);
  route(server, "GET", "/entries", &Guestbook::list_entries);
  route(server, "GET", "/", &Guestbook::show_page);
  route(server, "GET", "/about", &Guestbook::show_about);
  route(server, "GET", "/*", &Guestbook::not_found);
  // Asked by machines every second or so: neither logged nor counted. /healthz says that the loop turns, not that Redis
  // is there.
  server.route("GET", "/stats", [this](const net::Request&) { return show_stats(); });
  server.route("GET", "/healthz", [](const net::Request&) { return net::Response(200, "ok\n"); });
}

void Guestbook::route(net::HttpServer& server, const char* method, const char* path, Handler handler) {
  server.route_async(method, path,
                     [this, handler](net::Request request) { return answer(handler, std::move(request)); });
}

net::awaitable<net::Response> Guestbook::answer(Handler handler, net::Request request) {
  const auto start = std::chrono::steady_clock::now();
  ++in_progress_;
  net::Request seen = request;
  seen.body.clear();
  auto work = (this->*handler)(std::move(request));
  net::Response response = co_await std::move(work);
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start);
  --in_progress_;
  ++requests_;
  ++by_status_[static_cast<std::size_t>(response.status / 100) % by_status_.size()];
  seconds_ += static_cast<double>(took.count()) / 1e6;
  access_log_.write(access_line(seen, response, std::chrono::system_clock::now(), took));
  co_return response;
}

net::awaitable<net::Response> Guestbook::add_entry(net::Request request) {
  std::string why;
  const auto text = posted_text(request, why);
  if (!text) co_return net::Response(400, why + "\n");
  std::vector<std::string> count = {"INCR", "guestbook:last"};
  const RedisAnswer counted = co_await redis_.run(std::move(count));
  if (!counted.ok()) co_return unavailable(counted.error, wants_html(request));
  const Entry entry{counted.integer, *text, rfc3339_now()};
  std::vector<std::string> store = {"SET", entry_key(entry.id), to_json(entry)};
  const RedisAnswer stored = co_await redis_.run(std::move(store));
  if (!stored.ok()) co_return unavailable(stored.error, wants_html(request));
  ++written_;
  if (!wants_html(request)) co_return json(201, to_json(entry));
  net::Response back(303);
  back.headers.set("Location", "/");
  co_return back;
}

net::awaitable<bool> Guestbook::read_entries(std::int64_t limit, std::vector<Entry>* entries, std::string* why) {
  std::vector<std::string> get_last = {"MGET", "guestbook:last"};
  const RedisAnswer last = co_await redis_.run(std::move(get_last));
  *why = last.error;
  if (!last.ok()) co_return false;
  std::int64_t newest = 0;
  if (!last.items.empty() && last.items[0])
    std::from_chars(last.items[0]->data(), last.items[0]->data() + last.items[0]->size(), newest);
  if (newest <= 0) co_return true;
  std::vector<std::string> get_entries = {"MGET"};
  for (std::int64_t id = newest; id > 0 && id > newest - limit; --id) get_entries.push_back(entry_key(id));
  const RedisAnswer found = co_await redis_.run(std::move(get_entries));
  *why = found.error;
  if (!found.ok()) co_return false;
  for (const auto& item : found.items)
    if (item)
      if (auto entry = parse_entry(*item)) entries->push_back(std::move(*entry));
  read_ += entries->size();
  co_return true;
}

net::awaitable<net::Response> Guestbook::list_entries(net::Request request) {
  std::int64_t limit = usual_entries;
  if (const std::string text = request.query("limit"); !text.empty()) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc() || end != text.data() + text.size() || limit < 1 || limit > most_entries)
      co_return net::Response(400, "limit is a number from 1 to " + std::to_string(most_entries) + "\n");
  }
  std::vector<Entry> entries;
  std::string why;
  const bool found = co_await read_entries(limit, &entries, &why);
  if (!found) co_return unavailable(why, false);
  co_return json(200, to_json(entries));
}

net::awaitable<net::Response> Guestbook::show_page(net::Request) {
  std::vector<Entry> entries;
  std::string why;
  const bool found = co_await read_entries(usual_entries, &entries, &why);
  if (!found) co_return unavailable(why, true);
  co_return as_html(200, page(entries));
}

net::awaitable<net::Response> Guestbook::show_about(net::Request) { co_return as_html(200, page_about()); }

net::awaitable<net::Response> Guestbook::not_found(net::Request) {
  co_return net::Response(404, "there is no such page\n");
}

net::Response Guestbook::show_stats() const {
  const std::chrono::duration<double> up = std::chrono::steady_clock::now() - started_;
  const RedisClient::Counts& redis = redis_.counts();
  const nlohmann::ordered_json stats = {
      {"uptime", up.count()},
      {"requests",
       {{"total", requests_},
        {"inProgress", in_progress_},
        {"seconds", seconds_},
        {"byStatus",
         {{"2xx", by_status_[2]}, {"3xx", by_status_[3]}, {"4xx", by_status_[4]}, {"5xx", by_status_[5]}}}}},
      {"entries", {{"written", written_}, {"read", read_}}},
      {"redis",
       {{"up", redis_.reachable()},
        {"commands", redis.commands},
        {"errors", redis.errors},
        {"connects", redis.connects}}},
      {"accessLog", {{"lines", access_log_.lines()}, {"lost", access_log_.lost()}}}};
  return json(200, json_text(stats));
}

}  // namespace tandem::guestbook
