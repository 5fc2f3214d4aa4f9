#include "pods/cli/notes.hpp"

#include <iostream>

#include "pods/client/revival.hpp"

namespace tandem::cli {

client::Notes notes(const std::string& before) {
  return [before](const std::string& line) { std::cerr << before << line << std::endl; };
}

void tell_damage(const state::Roots& roots, const std::string& name_space, const std::string& name) {
  for (const std::string& text : client::damage_of_pod(roots, name_space, name))
    std::cerr << "warning: pod " << name_space << '/' << name << ": " << text << '\n';
}

}  // namespace tandem::cli
