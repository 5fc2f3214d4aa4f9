#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "pods/cli/print/print_pods.hpp"

using namespace tandem::print;
using Json = nlohmann::ordered_json;

TEST_CASE("describe shows a pod the way kubectl does") {
  const Json pod = Json::parse(R"json({
    "metadata": {"name": "web", "namespace": "shop", "labels": {"app": "web", "tier": "front"}},
    "spec": {"nodeName": "machine", "serviceAccountName": "default",
      "initContainers": [{"name": "log", "image": "localhost/tandem/log:1", "restartPolicy": "Always",
        "startupProbe": {"httpGet": {"path": "/healthz", "port": "admin"}, "periodSeconds": 1}}],
      "containers": [{"name": "web", "image": "localhost/web:1", "command": ["/bin/web"], "args": ["-p", "80"],
        "ports": [{"containerPort": 80, "hostPort": 8080}, {"containerPort": 53, "protocol": "UDP"}],
        "resources": {"limits": {"memory": "64Mi"}},
        "livenessProbe": {"exec": {"command": ["a", "b"]}}, "readinessProbe": {"tcpSocket": {"port": 80}},
        "env": [{"name": "A", "value": "1"}, {"name": "P", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
        "envFrom": [{"configMapRef": {"name": "m"}}],
        "volumeMounts": [{"name": "logs", "mountPath": "/logs"}, {"name": "c", "mountPath": "/c", "readOnly": true}]}],
      "volumes": [{"name": "logs", "emptyDir": {}}, {"name": "c", "configMap": {"name": "m"}}]},
    "status": {"phase": "Running", "hostIP": "192.0.2.4", "podIP": "10.83.0.7", "startTime": "2026-11-22T10:00:00Z",
      "qosClass": "Burstable", "conditions": [{"type": "Ready", "status": "False"}, {"type": "Initialized", "status": "True"}],
      "initContainerStatuses": [{"name": "log", "ready": true, "started": true, "restartCount": 0,
        "state": {"running": {"startedAt": "2026-11-22T10:00:01Z"}}}],
      "containerStatuses": [{"name": "web", "ready": false, "restartCount": 3, "containerID": "tandem://x/web/3", "imageID": "sha256:aa",
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled", "startedAt": "2026-11-22T10:00:02Z",
          "finishedAt": "2026-11-22T10:00:09Z"}}}]}})json");
  const std::vector<Json> events{
      Json::parse(R"({"type": "Warning", "reason": "BackOff", "message": "Back-off restarting", "count": 4,
        "firstTimestamp": "2026-11-22T10:00:10Z", "lastTimestamp": "2026-11-22T10:01:00Z", "source": {"component": "tandem"}})"),
      Json::parse(R"({"type": "Normal", "reason": "Started", "message": "Started container web", "count": 1,
        "firstTimestamp": "2026-11-22T10:00:02Z", "lastTimestamp": "2026-11-22T10:00:02Z", "source": {"component": "tandem"}})")};
  CHECK(describe_pod(pod, events, parse_time("2026-11-22T10:01:10Z")) == R"(Name:             web
Namespace:        shop
Service Account:  default
Node:             machine/192.0.2.4
Start Time:       Sun, 22 Nov 2026 10:00:00 +0000
Labels:           app=web
                  tier=front
Annotations:      <none>
Status:           Running
IP:               10.83.0.7
Init Containers:
  log:
    Container ID:
    Image:          localhost/tandem/log:1
    Image ID:
    Port:           <none>
    Host Port:      <none>
    State:          Running
      Started:      Sun, 22 Nov 2026 10:00:01 +0000
    Ready:          True
    Restart Count:  0
    Startup:        http-get http://:admin/healthz delay=0s timeout=1s period=1s #success=1 #failure=3
    Environment:    <none>
    Mounts:         <none>
Containers:
  web:
    Container ID:   tandem://x/web/3
    Image:          localhost/web:1
    Image ID:       sha256:aa
    Ports:          80/TCP, 53/UDP
    Host Ports:     8080/TCP, 0/UDP
    Command:
      /bin/web
    Args:
      -p
      80
    State:          Waiting
      Reason:       CrashLoopBackOff
      Message:      back-off 20s
    Last State:     Terminated
      Reason:       OOMKilled
      Exit Code:    137
      Started:      Sun, 22 Nov 2026 10:00:02 +0000
      Finished:     Sun, 22 Nov 2026 10:00:09 +0000
    Ready:          False
    Restart Count:  3
    Limits:
      memory:   64Mi
    Liveness:       exec [a b] delay=0s timeout=1s period=10s #success=1 #failure=3
    Readiness:      tcp-socket :80 delay=0s timeout=1s period=10s #success=1 #failure=3
    Environment Variables from:
      m  ConfigMap  Optional: false
    Environment:
      A:        1
      P:        <set to the key 'k' in secret 's'>  Optional: false
    Mounts:
      /logs from logs (rw)
      /c from c (ro)
Conditions:
  Type          Status
  Ready         False
  Initialized   True
Volumes:
  logs:
    Type:       EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:
    SizeLimit:  <unset>
  c:
    Type:       ConfigMap (a volume populated by a ConfigMap)
    Name:       m
    Optional:   false
QoS Class:        Burstable
Events:
  Type     Reason   Age                From    Message
  ----     ------   ----               ----    -------
  Normal   Started  68s                tandem  Started container web
  Warning  BackOff  10s (x4 over 60s)  tandem  Back-off restarting
)");
}
