// What `copybridge check` says beside mistakes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"

namespace copybridge::support {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A bridge from a file to a topic, with a preset.
CommandResult check_with(const std::string& preset) {
  const TemporaryFolder folder;
  folder.write("rec.cpy", "       01 REC PIC X(4).\n");
  folder.write("rec.yaml", "name: rec\ncopybook: rec.cpy\nevent: {type: t}\n");
  folder.write("bridge.yaml",
               "state: state\nadapters: {f: {kind: file, path: in.dat, recfm: F, lrecl: 4}}\n"
               "publishers: {hub: {kind: kafka, brokers: 'a:9093', topic: t, preset: " +
                   preset +
                   ", properties: {sasl.password: '${env:CONNECTION_STRING}'}}}\n"
                   "routes: [{from: f, mappings: [rec.yaml], to: hub}]\n");
  return run("copybridge check '" + (folder.path() / "bridge.yaml").string() + "'");
}

TEST(Check, SaysWhatAPresetOfKafkaSets) {
  const CommandResult result = check_with("event-hubs");
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("hub: preset event-hubs sets security.protocol=SASL_SSL, "
                                    "sasl.mechanism=PLAIN, sasl.username=$ConnectionString, "));
  EXPECT_THAT(check_with("none").out, Not(HasSubstr("preset")));
}

}  // namespace
}  // namespace copybridge::support
