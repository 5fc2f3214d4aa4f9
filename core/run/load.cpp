#include "core/run/load.hpp"

#include "core/os/files.hpp"
#include "core/run/variables.hpp"

namespace tandem::run {

Document load_config(const Program& program, const std::string& given, const Lookup& lookup, Problems& problems) {
  Document config;
  config.file = given;
  if (given.empty())
    if (const char* path = lookup(environment_name(program.name, "config"))) config.file = path;
  config.root.kind = Node::Kind::mapping;
  if (!config.file.empty()) {
    auto documents = parse_yaml(read_given_file(config.file, 16u << 20), config.file, problems);
    if (documents.size() == 1) config = std::move(documents[0]);
    if (documents.size() > 1)
      problems.add({config.file, documents[1].root.mark, "", "a config is one document, this is the second", "",
                    Severity::error});
  }
  apply_environment(config, program.name, program.config, lookup);
  return config;
}

CommonSettings read_common(const Document& config, Problems& problems) {
  CommonSettings settings;
  Reader reader(config.root, config.file, "", problems);
  auto admin = reader.object("admin");
  if (auto text = admin.string("listen"); !text.empty()) {
    std::string why;
    settings.admin = net::parse_endpoint(text, why);
    if (!settings.admin) admin.problem("listen", "\"" + text + "\" " + why);
  }
  settings.admin_hosts = admin.strings("hosts");
  auto log = reader.object("log");
  auto level = log.choice("level", "info", {"debug", "info", "warning", "error"});
  settings.level = observe::parse_level(level).value_or(observe::Level::info);
  auto drain = reader.object("drain");
  settings.drain = drain.duration("timeout", settings.drain);
  return settings;
}

void check_config(const Program& program, const Document& config, Problems& problems) {
  validate_keys(config, program.config, problems);
  read_common(config, problems);
  if (program.check) program.check(config, problems);
  mask_secrets(problems, config, program.config);
}

Document load_checked(const Program& program, const std::string& given, const Lookup& lookup, Problems& problems) {
  auto config = load_config(program, given, lookup, problems);
  if (problems.has_errors()) return config;
  check_config(program, config, problems);
  name_variables(program, lookup, problems);
  return config;
}

}  // namespace tandem::run
