#include "core/net/tls_config.hpp"

namespace tandem::net {

TlsSettings read_tls(Reader& owner) {
  Reader tls = owner.object("tls");
  TlsSettings settings;
  settings.ca_file = tls.string("caFile");
  settings.cert_file = tls.string("certFile");
  settings.key_file = tls.string("keyFile");
  settings.server_name = tls.string("serverName");
  settings.insecure_skip_verify = tls.boolean("insecureSkipVerify", false);
  const TlsProblem problem = check_tls(settings);
  if (!problem.key.empty()) tls.problem(problem.key, problem.message);
  tls.done();
  return settings;
}

TlsServerSettings read_tls_server(Reader& owner) {
  Reader tls = owner.object("tls");
  TlsServerSettings settings;
  settings.cert_file = tls.string("certFile");
  settings.key_file = tls.string("keyFile");
  settings.client_ca_file = tls.string("clientCaFile");
  const TlsProblem problem = check_tls_server(settings);
  if (!problem.key.empty()) tls.problem(problem.key, problem.message);
  tls.done();
  return settings;
}

}  // namespace tandem::net
