// One function per command: adds it to the tree. Each has a file of its own in commands/.
#pragma once

namespace CLI {
class App;
}

namespace tandem::cli {

struct Session;

void add_apply(CLI::App& app, Session& session);
void add_up(CLI::App& app, Session& session);
void add_plan(CLI::App& app, Session& session);
void add_get(CLI::App& app, Session& session);
void add_describe(CLI::App& app, Session& session);
void add_logs(CLI::App& app, Session& session);
void add_exec(CLI::App& app, Session& session);
void add_wait(CLI::App& app, Session& session);
void add_delete(CLI::App& app, Session& session);
void add_image(CLI::App& app, Session& session);
void add_generate(CLI::App& app, Session& session);
void add_version(CLI::App& app, Session& session);

}  // namespace tandem::cli
