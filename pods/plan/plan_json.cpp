#include "pods/plan/plan_json.hpp"

#include <concepts>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "core/config/json_text.hpp"
#include "core/os/error.hpp"
#include "core/os/files.hpp"
#include "core/text/base64.hpp"
#include "pods/plan/plan_fields.hpp"

namespace tandem::plan {

namespace {

using Json = nlohmann::ordered_json;

struct Writer {
  Json out = Json::object();

  void operator()(const char* key, const auto& value) { out[key] = write(value); }
  template <class T>
  void operator()(const char* key, const std::optional<T>& value) {
    if (value) out[key] = write(*value);
  }
  void bytes(const char* key, const std::string& value) { out[key] = encode_base64(value); }
  void json(const char* key, const std::string& text) {
    if (!text.empty()) out[key] = must_parse_json(text);
  }

  static Json write(const std::string& value) { return value; }
  static Json write(std::integral auto value) { return value; }
  static Json write(seconds value) { return value.count(); }
  static Json write(Bytes value) { return value.value; }
  static Json write(Millicores value) { return value.value; }
  template <class Enum>
  requires std::is_enum_v<Enum>
  static Json write(Enum value) { return Choices<Enum>::names[static_cast<std::size_t>(value)]; }
  static Json write(const std::pair<std::string, std::string>& value) { return Json{value.first, value.second}; }
  template <class T>
  static Json write(const std::vector<T>& values) {
    Json list = Json::array();
    for (const T& value : values) list.push_back(write(value));
    return list;
  }
  template <class T>
  requires std::is_aggregate_v<T>
  static Json write(const T& value) {
    Writer writer;
    fields(writer, value);
    return std::move(writer.out);
  }
};

[[noreturn]] void refuse(const std::string& key, const std::string& cause) {
  throw Error(Fault::environment, "read the Plan's", key, cause, "it was written by another version, or is damaged");
}

struct Source {
  const Json& in;
  std::string path;

  const Json* find(const char* key) const {
    const auto found = in.find(key);
    return found == in.end() || found->is_null() ? nullptr : &*found;
  }
  void operator()(const char* key, auto& value) const {
    if (const Json* json = find(key)) read(*json, path + key, value);
  }
  template <class T>
  void operator()(const char* key, std::optional<T>& value) const {
    if (const Json* json = find(key)) read(*json, path + key, value.emplace());
  }
  void bytes(const char* key, std::string& value) const {
    std::string text;
    (*this)(key, text);
    auto decoded = decode_base64(text);
    if (!decoded) refuse(path + key, "no base64");
    value = std::move(*decoded);
  }
  void json(const char* key, std::string& text) const {
    if (const Json* json = find(key)) text = json_text(*json);
  }

  static void read(const Json& json, const std::string& where, std::string& value) {
    if (!json.is_string()) refuse(where, "not a string");
    value = json.get<std::string>();
  }
  static void read(const Json& json, const std::string& where, bool& value) {
    if (!json.is_boolean()) refuse(where, "not true or false");
    value = json.get<bool>();
  }
  template <std::integral T>
  static void read(const Json& json, const std::string& where, T& value) {
    if (!json.is_number_integer()) refuse(where, "not an integer");
    if (json.is_number_unsigned() && json.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
      refuse(where, "out of range");
    }
    const auto number = json.get<std::int64_t>();
    if (!std::in_range<T>(number)) refuse(where, "out of range");
    value = static_cast<T>(number);
  }
  static void read(const Json& json, const std::string& where, seconds& value) {
    std::int64_t count = 0;
    read(json, where, count);
    value = seconds(count);
  }
  static void read(const Json& json, const std::string& where, Bytes& value) { read(json, where, value.value); }
  static void read(const Json& json, const std::string& where, Millicores& value) { read(json, where, value.value); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  static void read(const Json& json, const std::string& where, Enum& value) {
    std::string name;
    read(json, where, name);
    const auto& names = Choices<Enum>::names;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) {
        value = static_cast<Enum>(i);
        return;
      }
    }
    refuse(where, "unknown choice \"" + name + "\"");
  }
  static void read(const Json& json, const std::string& where, std::pair<std::string, std::string>& value) {
    if (!json.is_array() || json.size() != 2) refuse(where, "not a list of two");
    read(json[0], where, value.first);
    read(json[1], where, value.second);
  }
  template <class T>
  static void read(const Json& json, const std::string& where, std::vector<T>& values) {
    if (!json.is_array()) refuse(where, "not a list");
    values.resize(json.size());
    for (std::size_t i = 0; i < values.size(); ++i) read(json[i], where + "[" + std::to_string(i) + "]", values[i]);
  }
  template <class T>
  requires(std::is_aggregate_v<T>) static void read(const Json& json, const std::string& where, T& value) {
    if (!json.is_object()) refuse(where, "not an object");
    const Source source{json, where.empty() ? "" : where + "."};
    fields(source, value);
  }
};

}  // namespace

Json to_json(const Plan& plan) { return Writer::write(plan); }

Plan plan_from_json(const Json& json) {
  Plan plan;
  Source::read(json, "", plan);
  return plan;
}

std::string write_plan(const Plan& plan) { return json_text(to_json(plan)); }

Plan read_plan(std::string_view text) {
  Json json = parse_ordered_json(text);
  if (json.is_discarded()) refuse("", "not JSON");
  return plan_from_json(json);
}

Plan read_pod_plan(const state::PodPaths& paths) {
  const auto unusable = [&](const std::string& cause) {
    return Error(Fault::environment, "read", paths.plan().string(), cause, "the pod can be deleted all the same");
  };
  std::optional<std::string> text;
  Plan plan;
  try {
    text = read_file_if_exists(paths.plan());
    if (text) plan = read_plan(*text);
  } catch (const Error& error) {
    throw unusable("it is damaged: " + error.cause());
  }
  if (!text) throw unusable("it is not there");
  // Every key has a default, so JSON of another kind makes a Plan, too: of nobody, for nothing.
  if (plan.id != paths.run.filename() || plan.containers.empty()) throw unusable("it is damaged: no Plan of this pod");
  return plan;
}

namespace {

constexpr const char* mask = "***";

void mask_all(std::string& text, const std::string& secret) {
  for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += std::strlen(mask)) {
    text.replace(at, secret.size(), mask);
  }
}

}  // namespace

Plan masked(Plan plan) {
  // $(VAR) puts values into commands; shorter ones than this are no secrets, and would mask every other letter.
  constexpr std::size_t shortest_secret = 3;
  for (Volume& volume : plan.volumes) {
    if (!volume.secret) continue;
    for (VolumeFile& file : volume.files) file.content = mask;
  }
  for (Container& container : plan.containers) {
    for (EnvironmentEntry& entry : container.environment) {
      if (!entry.secret) continue;
      if (entry.value.size() >= shortest_secret) {
        for (std::string& word : container.argv) mask_all(word, entry.value);
        for (Mount& mount : container.mounts) mask_all(mount.sub_path, entry.value);
      }
      entry.value = mask;
    }
  }
  return plan;
}

}  // namespace tandem::plan
