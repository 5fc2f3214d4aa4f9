# Debian's python3-redis against tandem-redis at the port given: what an application would do.
import sys

import redis

r = redis.Redis(port=int(sys.argv[1]), decode_responses=True, client_name="py", socket_timeout=10)
assert r.ping()
r.flushall()
assert r.set("py", "v") and r.get("py") == "v"
assert r.mset({"py:%d" % i: str(i) for i in range(50)})
assert r.mget(["py:%d" % i for i in range(51)]) == [str(i) for i in range(50)] + [None]
p = r.pipeline(transaction=False)
for i in range(500):
    p.incr("py:n:%d" % (i % 7))
assert sum(1 for x in p.execute() if isinstance(x, int)) == 500
assert sorted(r.scan_iter(match="py:n:*", count=5)) == ["py:n:%d" % i for i in range(7)]
assert r.dbsize() == 58, r.dbsize()
assert r.client_getname() == "py" and r.client_id() > 0
assert r.info()["redis_mode"] == "standalone" and r.info("tandem")["tandem_state"] == "ok"
assert r.hset("py:h", mapping={"a": 1, "b": 2}) == 2 and r.hgetall("py:h") == {"a": "1", "b": "2"}
r.rpush("py:l", *range(5))
assert r.lrange("py:l", 0, -1) == list("01234")
r.zadd("py:z", {"a": 1, "b": 2})
assert r.zrange("py:z", 0, -1, withscores=True) == [("a", 1.0), ("b", 2.0)]
script = r.register_script("return redis.call('incrby', KEYS[1], ARGV[1])")
assert script(keys=["py:s"], args=[5]) == 5
x = r.xadd("py:x", {"f": "1"})
assert r.xread({"py:x": "0"})[0][1][0][0] == x
assert r.delete("py", "py:1", "py:2", "nope") == 3
try:
    r.pipeline().set("a", 1).execute()
    assert False, "a transaction was accepted"
except redis.ResponseError as error:
    assert "not there yet" in str(error), error
print("python is content")
