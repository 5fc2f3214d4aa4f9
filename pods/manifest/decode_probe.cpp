#include <algorithm>
#include <string_view>

#include "pods/manifest/decode_pod.hpp"
#include "pods/manifest/names.hpp"

namespace tandem::manifest {

namespace {

int decode_port(const Fields& handler, const std::vector<ContainerPort>& ports) {
  const Node* port = handler.node("port");
  if (!port) {
    handler.error("port", "is required");
    return 0;
  }
  if (port->kind != Node::Kind::string) return static_cast<int>(handler.integer("port", 0, 1, 65535));
  if (const auto reason = why_no_port_name(port->text); !reason.empty()) {
    const bool is_number =
        std::all_of(port->text.begin(), port->text.end(), [](char c) { return c >= '0' && c <= '9'; });
    handler.error("port", "\"" + port->text + "\" is no port's name: it " + reason,
                  is_number && !port->text.empty() ? "write a number without quotes" : "");
    return 0;
  }
  std::vector<std::string> names;
  for (const ContainerPort& known : ports) {
    if (known.name == port->text) return known.container_port;
    if (!known.name.empty()) names.push_back(known.name);
  }
  const std::string near = closest(port->text, names);
  handler.error("port", "the container has no port named \"" + port->text + "\"",
                near.empty() ? "" : "did you mean \"" + near + "\"?");
  return 0;
}

void decode_http(const Fields& http, const std::vector<ContainerPort>& ports, Probe& out) {
  out.kind = Probe::Kind::http;
  const std::string path = http.text("path");
  if (!path.empty()) out.http.path = path;
  out.http.host = http.text("host");
  out.port = decode_port(http, ports);
  if (http.choice("scheme", "HTTP", {"HTTP", "HTTPS"}) == "HTTPS") {
    http.error("scheme", "HTTPS is a value that Tandem does not support yet", "use HTTP or a tcpSocket probe");
  }
  http.each("httpHeaders", [&](const Fields& header) {
    const std::string name = header.required("name");
    const std::string value = header.text("value");
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    const bool is_token =
        std::none_of(name.begin(), name.end(), [&](unsigned char c) { return is_control(c) || c == ' ' || c == ':'; });
    if (!is_token || std::any_of(value.begin(), value.end(), is_control)) {
      header.decoding().error(header.path(), "is no HTTP header");
    }
    out.http.headers.emplace_back(name, value);
  });
}

void decode_times(const Fields& probe, const std::string_view key, Probe& out) {
  const auto number = [&](const char* name, int fallback) {
    const auto value = static_cast<int>(probe.integer(name, 0, 0, INT32_MAX));
    return value == 0 ? fallback : value;  // 0 stands for the default, as in the API
  };
  out.initial_delay_seconds = number("initialDelaySeconds", 0);
  out.period_seconds = number("periodSeconds", 10);
  out.timeout_seconds = number("timeoutSeconds", 1);
  out.success_threshold = number("successThreshold", 1);
  out.failure_threshold = number("failureThreshold", 3);
  if (out.success_threshold != 1 && key != "readinessProbe") {
    probe.error("successThreshold", "must be 1 for a liveness or startup probe");
  }
  if (probe.has("terminationGracePeriodSeconds")) {
    if (key == "readinessProbe") {
      probe.error("terminationGracePeriodSeconds", "is not allowed for a readiness probe",
                  "it never ends the container");
    }
    out.termination_grace_period_seconds = probe.integer("terminationGracePeriodSeconds", 1, 1, INT32_MAX);
  }
}

}  // namespace

std::optional<Probe> decode_probe(const Fields& container, const char* key, const std::vector<ContainerPort>& ports) {
  if (!container.has(key)) return std::nullopt;
  const Fields probe = container.object(key);
  Probe out;
  int handlers = 0;
  if (probe.has("exec")) {
    ++handlers;
    const Fields exec = probe.object("exec");
    out.command = exec.texts("command");
    if (out.command.empty()) exec.error("command", "is required");
  }
  if (probe.has("httpGet")) {
    ++handlers;
    decode_http(probe.object("httpGet"), ports, out);
  }
  if (probe.has("tcpSocket")) {
    ++handlers;
    const Fields tcp = probe.object("tcpSocket");
    out.kind = Probe::Kind::tcp;
    out.port = decode_port(tcp, ports);
    out.tcp_host = tcp.text("host");
  }
  if (handlers != 1) {
    container.error(key, handlers == 0 ? "has no handler" : "has more than one handler",
                    "exactly one of: exec, httpGet, tcpSocket");
  }
  decode_times(probe, key, out);
  return out;
}

}  // namespace tandem::manifest
