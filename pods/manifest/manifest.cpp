#include "pods/manifest/manifest.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <tuple>

#include "pods/manifest/decode_objects.hpp"
#include "pods/manifest/decode_pod.hpp"

namespace tandem::manifest {

namespace {

const std::vector<std::string> kinds{"Pod", "ConfigMap", "Secret", "Service"};

// What people bring from a cluster, and what they can do here instead.
std::string hint_for(const std::string& kind) {
  static const std::map<std::string, std::string> known{
      {"Deployment", "write its template as a Pod"},
      {"ReplicaSet", "write its template as a Pod"},
      {"StatefulSet", "write its template as a Pod"},
      {"DaemonSet", "write its template as a Pod"},
      {"Job", "write its template as a Pod with restartPolicy: OnFailure or Never"},
      {"CronJob", "write its template as a Pod, and start it from a timer"},
      {"Namespace", "namespaces need not be made here: remove it"},
      {"PersistentVolumeClaim", "use a hostPath volume"},
  };
  std::string hint = "Tandem reads Pod, ConfigMap, Secret, Service and List";
  if (const auto found = known.find(kind); found != known.end()) return found->second + "; " + hint;
  const std::string near = closest(kind, kinds);
  return near.empty() ? hint : "did you mean \"" + near + "\"?";
}

class Decoder {
 public:
  Decoder(const Options& options, Problems& problems) : options_(options), problems_(problems) {}

  void object(const Source& source) {
    const Node& node = source.node();
    if (!node.is_mapping()) {
      return source.error(problems_, "", std::string("a Kubernetes object is wanted, not ") + kind_name(node.kind));
    }
    const std::string version = text_of(source, "apiVersion"), kind = text_of(source, "kind");
    if (kind.empty()) {
      objects_.unread = true;
      return;
    }
    if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end() && kind != "List") {
      if (!closest(kind, kinds).empty()) objects_.unread = true;
      const std::string of = version.empty() ? "" : " (" + version + ")";
      return source.error(problems_, "kind", "\"" + kind + "\"" + of + " is not supported", hint_for(kind));
    }
    // What is meant is plain, so that its other problems are told in the same round.
    if (!version.empty() && version != "v1")
      source.error(problems_, "apiVersion", "\"" + version + "\" has no " + kind, "write v1");
    if (kind == "List") return list(source);
    if (kind == "Pod")
      add(source, kind, objects_.pods, [&](Problems& own) { return decode_pod(source, options_, own); });
    if (kind == "ConfigMap")
      add(source, kind, objects_.config_maps, [&](Problems& own) { return decode_config_map(source, options_, own); });
    if (kind == "Secret")
      add(source, kind, objects_.secrets, [&](Problems& own) { return decode_secret(source, options_, own); });
    if (kind == "Service")
      add(source, kind, objects_.services, [&](Problems& own) { return decode_service(source, options_, own); });
  }

  void unreadable_document() { objects_.unread = true; }

  Objects finish() {
    for (const Service& service : objects_.services) check_service(service, objects_.pods, problems_);
    return std::move(objects_);
  }

 private:
  std::string text_of(const Source& source, const char* key) {
    const Node* value = source.node().find(key);
    if (value && value->kind == Node::Kind::string && !value->text.empty()) return value->text;
    source.error(problems_, key, value && !value->is_null() ? "a string is wanted" : "is required",
                 std::string(key) == "kind" ? "Pod, ConfigMap, Secret or Service" : "v1");
    return "";
  }

  void list(const Source& source) {
    const Node* items = source.node().find("items");
    if (items && !items->is_sequence() && !items->is_null()) {
      return source.error(problems_, "items", std::string("a list is wanted, not ") + kind_name(items->kind));
    }
    for (const Member& member : source.node().members) {
      if (member.key != "apiVersion" && member.key != "kind" && member.key != "metadata" && member.key != "items" &&
          options_.validation != Validation::ignore) {
        problems_.add({source.file(), member.key_mark, member.key, "unknown field", "",
                       options_.validation == Validation::strict ? Severity::error : Severity::warning});
      }
    }
    if (!items) return;
    for (const Node& node : items->items) {
      object(Source(source.file(), std::shared_ptr<const Node>(source.shared(), &node)));
    }
  }

  static bool has_name(const Source& source) {
    return !source.refused_at("metadata") && !source.refused("metadata.name") && !source.refused("metadata.namespace");
  }

  template <class T, class Decode>
  void add(const Source& source, const std::string& kind, std::vector<T>& all, Decode decode) {
    Problems own;
    check_fields(source, kind, options_.validation, own);
    T decoded = decode(own);
    decoded.source.refuse(own);
    problems_.append(std::move(own));
    if (!has_name(decoded.source) && (kind == "ConfigMap" || kind == "Secret")) objects_.unread = true;
    const Metadata& metadata = decoded.metadata;
    if (!metadata.name.empty()) {
      const Mark mark = source.mark("metadata.name");
      const std::string place = source.file() + ":" + std::to_string(mark.line);
      const auto [first, is_new] = seen_.emplace(std::tuple(kind, metadata.name_space, metadata.name), place);
      if (!is_new) {
        source.error(problems_, "metadata.name", kind + " \"" + metadata.name + "\" is written twice",
                     "the first is at " + first->second);
      }
    }
    all.push_back(std::move(decoded));
  }

  const Options& options_;
  Problems& problems_;
  Objects objects_;
  std::map<std::tuple<std::string, std::string, std::string>, std::string> seen_;
};

}  // namespace

Objects decode_manifests(const std::vector<SourceText>& texts, const Options& options, Problems& problems) {
  Decoder decoder(options, problems);
  for (const SourceText& text : texts) {
    bool whole = true;
    for (Document& document : parse_yaml(text.text, text.file, problems, &whole)) {
      decoder.object(Source(text.file, std::make_shared<const Node>(std::move(document.root))));
    }
    if (!whole) decoder.unreadable_document();
  }
  return decoder.finish();
}

}  // namespace tandem::manifest
