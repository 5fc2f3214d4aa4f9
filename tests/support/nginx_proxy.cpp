#include "tests/support/nginx_proxy.hpp"

#include "core/os/error.hpp"
#include "core/os/files.hpp"

namespace tandem::test {

NginxProxy::NginxProxy(int port_behind, const std::string& listen, const std::string& more) {
  const std::string program = find_program("nginx");
  if (program.empty())
    throw Error(Fault::environment, "start nginx", "", "it is not there (tests/support/unpack-servers)");
  const std::string folder = directory_.path().string();
  std::string config =
      "daemon off; master_process off; pid " + folder + "/pid;\nevents {}\nhttp {\n  access_log off;\n";
  for (const char* kind : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    config += "  " + std::string(kind) + "_temp_path " + folder + "/" + kind + ";\n";
  config += "  server {\n    listen 127.0.0.1:" + std::to_string(port_) + " " + listen + ";\n    " + more +
            "\n    location / { proxy_pass http://127.0.0.1:" + std::to_string(port_behind) +
            "; proxy_http_version 1.1; }\n  }\n}\n";
  write_file(directory_ / "nginx.conf", config);
  child_ = std::make_unique<Child>(
      std::vector<std::string>{program, "-e", "stderr", "-c", folder + "/nginx.conf", "-p", folder},
      directory_ / "log");
  if (!wait_until([&] { return can_connect(port_) || !child_->running(); }) || !child_->running())
    throw Error(Fault::environment, "start nginx", program, read_file(directory_ / "log"));
}

}  // namespace tandem::test
