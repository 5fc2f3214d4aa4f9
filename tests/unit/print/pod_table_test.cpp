#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "pods/cli/print/pod_status_text.hpp"
#include "pods/cli/print/print_pods.hpp"

using namespace tandem::print;
using Json = nlohmann::ordered_json;

namespace {

// A pod of one main container "c", one init container "i" and one sidecar "s".
Json pod(const std::string& status, const std::string& metadata = "{}") {
  Json json = Json::parse(
      R"({"metadata":{"name":"a","namespace":"n","creationTimestamp":"2026-11-22T10:00:00Z"},"spec":{"nodeName":"machine",
      "initContainers":[{"name":"i"},{"name":"s","restartPolicy":"Always"}],"containers":[{"name":"c"}]}})");
  json["status"] = Json::parse(status);
  json["metadata"].update(Json::parse(metadata));
  return json;
}

const std::string init_done =
    R"({"name":"i","restartCount":0,"ready":true,"state":{"terminated":{"exitCode":0,"reason":"Completed"}}})";
const std::string sidecar_ready = R"({"name":"s","restartCount":2,"ready":true,"started":true,"state":{"running":{}},
  "lastState":{"terminated":{"exitCode":1,"finishedAt":"2026-11-22T10:00:30Z"}}})";
const std::string initialized =
    R"("conditions":[{"type":"Initialized","status":"True"},{"type":"Ready","status":"True"}])";

// The pod's init containers are through; `main` is the status of c.
Json started(const std::string& main, const std::string& phase = "Running") {
  return pod("{\"phase\":\"" + phase + "\",\"podIP\":\"10.83.0.7\"," + initialized + ",\"initContainerStatuses\":[" +
             init_done + "," + sidecar_ready + "],\"containerStatuses\":[" + main + "]}");
}

std::string status(const Json& json) { return status_text(json).status; }
std::string ready(const Json& json) {
  return std::to_string(status_text(json).ready) + "/" + std::to_string(status_text(json).total);
}

}  // namespace

TEST_CASE("native sidecars count in READY and in RESTARTS, as with kubectl") {
  const Json json = started(R"({"name":"c","restartCount":1,"ready":true,"state":{"running":{}}})");
  CHECK(ready(json) == "2/2");
  CHECK(status(json) == "Running");
  CHECK(status_text(json).restarts == 3);
  CHECK(status_text(json).last_restart == "2026-11-22T10:00:30Z");
}

TEST_CASE("a pod that has no status of its containers yet shows its phase") {
  CHECK(status(pod(R"({"phase":"Pending"})")) == "Pending");
  CHECK(ready(pod(R"({"phase":"Pending"})")) == "0/2");
  CHECK(status(Json::object()) == "Unknown");
}

TEST_CASE("while init containers run, STATUS says how far they are, or why they are not") {
  const auto init = [](const std::string& state, const std::string& extra = "") {
    return status(
        pod("{\"phase\":\"Pending\",\"initContainerStatuses\":[{\"name\":\"i\",\"state\":" + state + extra + "}]}"));
  };
  CHECK(init(R"({"running":{}})") == "Init:0/2");
  CHECK(init(R"({"waiting":{"reason":"PodInitializing"}})") == "Init:0/2");
  CHECK(init(R"({"waiting":{"reason":"CrashLoopBackOff"}})") == "Init:CrashLoopBackOff");
  CHECK(init(R"({"terminated":{"exitCode":3,"reason":"Error"}})") == "Init:Error");
  CHECK(init(R"({"terminated":{"exitCode":3}})") == "Init:ExitCode:3");
  CHECK(init(R"({"terminated":{"exitCode":137,"signal":9}})") == "Init:Signal:9");
  const Json second = pod("{\"phase\":\"Pending\",\"initContainerStatuses\":[" + init_done +
                          R"(,{"name":"s","started":false,"state":{"running":{}}}],"containerStatuses":[
                          {"name":"c","state":{"waiting":{"reason":"PodInitializing"}}}]})");
  CHECK(status(second) == "Init:1/2");
}

TEST_CASE("a pod of which nothing is known is Unknown, whatever its containers waited for before") {
  const std::string waiting = R"({"name":"c","state":{"waiting":{"reason":"CrashLoopBackOff"}}})";
  CHECK(status(started(waiting)) == "CrashLoopBackOff");
  CHECK(status(started(waiting, "Unknown")) == "Unknown");
}

TEST_CASE("STATUS is the reason of the first container that has one") {
  const auto main = [](const std::string& state) {
    return status(started("{\"name\":\"c\",\"state\":" + state + "}"));
  };
  CHECK(main(R"({"waiting":{"reason":"CrashLoopBackOff"}})") == "CrashLoopBackOff");
  CHECK(main(R"({"waiting":{"reason":"ContainerCreating"}})") == "ContainerCreating");
  CHECK(main(R"({"terminated":{"exitCode":1,"reason":"Error"}})") == "Error");
  CHECK(main(R"({"terminated":{"exitCode":137,"reason":"OOMKilled"}})") == "OOMKilled");
  CHECK(main(R"({"terminated":{"exitCode":2}})") == "ExitCode:2");
  CHECK(main(R"({"terminated":{"exitCode":2,"signal":11}})") == "Signal:11");
  CHECK(main(R"({"running":{}})") == "Running");
}

TEST_CASE("a pod whose containers have ended is Completed; one of which a part still runs is Running or NotReady") {
  CHECK(status(started(R"({"name":"c","state":{"terminated":{"exitCode":0,"reason":"Completed"}}})", "Succeeded")) ==
        "Completed");
  const std::string both = R"({"name":"c","ready":true,"state":{"running":{}}},
                              {"name":"d","state":{"terminated":{"exitCode":0,"reason":"Completed"}}})";
  CHECK(status(started(both)) == "Running");
  Json unready = started(both);
  unready["status"]["conditions"][1]["status"] = "False";
  CHECK(status(unready) == "NotReady");
}

TEST_CASE("a pod that is being deleted is Terminating until it is gone, also when it has ended") {
  const std::string deleted = R"({"deletionTimestamp":"2026-11-22T10:01:00Z"})";
  CHECK(status(pod(R"({"phase":"Running"})", deleted)) == "Terminating");
  CHECK(status(pod(R"({"phase":"Succeeded"})", deleted)) == "Terminating");
}

TEST_CASE("a reason of the pod itself stands for the phase") {
  CHECK(status(pod(R"({"phase":"Failed","reason":"DeadlineExceeded"})")) == "DeadlineExceeded");
}

TEST_CASE("the table has kubectl's columns, three blanks apart, and no blanks at the end") {
  const Json json = started(R"({"name":"c","restartCount":0,"ready":true,"state":{"running":{}}})");
  TableOptions options;
  options.now = parse_time("2026-11-22T10:01:40Z");
  CHECK(pod_table({json}, options) ==
        "NAME   READY   STATUS    RESTARTS      AGE\n"
        "a      2/2     Running   2 (70s ago)   100s\n");
  options.wide = options.all_namespaces = true;
  CHECK(pod_table({json}, options) ==
        "NAMESPACE   NAME   READY   STATUS    RESTARTS      AGE    IP          NODE\n"
        "n           a      2/2     Running   2 (70s ago)   100s   10.83.0.7   machine\n");
  options.no_headers = true;
  options.wide = options.all_namespaces = false;
  CHECK(pod_table({pod(R"({"phase":"Pending"})")}, options) == "a   0/2   Pending   0   100s\n");
}

TEST_CASE("JSON of any shape is printed without a throw") {
  for (const char* text : {"null", "[]", "1", R"({"spec":[],"status":"x","metadata":1})",
                           R"({"status":{"initContainerStatuses":{"a":1},"containerStatuses":[1,null,{"state":[]}]}})",
                           R"({"spec":{"containers":"abc","initContainers":[[]]},"status":{"conditions":[3]}})"}) {
    CAPTURE(text);
    CHECK_NOTHROW(pod_table({Json::parse(text)}, {}));
    CHECK_NOTHROW(describe_pod(Json::parse(text), {Json::parse(text)}));
  }
}
