// Mistakes in bridge files, one per row, each at its line and column.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "bridge/bridge_config.h"
#include "tests/support/mistakes.h"
#include "tests/support/temporary_directory.h"

namespace copybridge::support {
namespace {

/// Loads the text as a file beside a copybook and two mappings.
void read_bridge(const std::string& text, const std::string& file_name, Diagnostics& diagnostics) {
  const tests::TemporaryDirectory directory;
  directory.write("r.cpy",
                  "       01 R.\n          05 R-TYPE PIC X.\n          05 R-NO PIC 9(4).\n");
  directory.write("m.yaml", "name: m\ncopybook: r.cpy\nevent: {type: t}\n");
  directory.write("k.yaml", "name: k\ncopybook: r.cpy\nevent: {type: t, key: R-NO}\n");
  directory.write("n.yaml", "name: m\ncopybook: r.cpy\nevent: {type: t}\n");
  directory.write(file_name, text);
  const std::string before = std::filesystem::current_path();
  ASSERT_EQ(chdir(directory.path().c_str()), 0);
  const auto config = bridge::load_bridge(file_name, diagnostics);
  ASSERT_EQ(chdir(before.c_str()), 0);
  EXPECT_EQ(config.has_value(), !diagnostics.has_errors());
}

constexpr std::string_view kAdapters = "adapters:\n  a: {kind: file, path: in, recfm: line}\n";
constexpr std::string_view kPublishers = "publishers:\n  p: {kind: stdout}\n";
constexpr std::string_view kRoutes = "routes:\n  - {from: a, mappings: [m.yaml], to: [p]}\n";

std::string whole(std::string_view row) {
  const auto has = [&](std::string_view key) { return row.find(key) != std::string_view::npos; };
  std::string text(row);
  if (!has("state")) text += "state: s\n";
  if (!has("adapters")) text += kAdapters;
  if (!has("publishers")) text += kPublishers;
  if (!has("routes")) text += kRoutes;
  return text;
}

/// Rows stand at the file's beginning; sections they do not name are added without mistakes.
constexpr Mistake kRows[] = {
    {"ListInsteadOfMap", "§- state\n- adapters\n- publishers\n- routes\n", "expected a map"},
    {"UnknownSection", "§adaptors: {}\n", "did you mean 'adapters'?"},
    {"StateIsList", "state: §[a]\n", "'state' must be a single value"},
    {"ClaimCheckOfNobody",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: §q}\n",
     "there is no publisher 'q'"},
    {"ClaimCheckByAKindThatKeepsNothing",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: §q}\n  q: "
     "{kind: stdout}\n",
     "'stdout' keeps no bodies of events"},
    {"ClaimCheckOfAPublisherInARoute",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: §p}\n",
     "'p' gets events or dead letters itself"},
    {"ClaimCheckWithoutALimit",
     "publishers:\n  p: {kind: http, url: 'http://h', claim_check: §q}\n  q: {kind: file, path: "
     "'{id}'}\n",
     "'p' takes events of any size"},
    {"ClaimCheckOfDeadLetters",
     "dead_letters: d\npublishers:\n  p: {kind: stdout}\n  d: {kind: nats, servers: 'nats://h', "
     "subject: s, claim_check: §q}\n  q: {kind: file, path: '{id}'}\n",
     "dead letters have no claim_check"},
    {"ClaimCheckOfRecords",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: §q}\n  q: "
     "{kind: file, path: '{id}'}\nroutes:\n  - {from: a, mappings: [m.yaml], to: [p], encode: "
     "yes}\n",
     "'p' gets records of a route with 'encode: yes'"},
    {"ClaimCheckOfAStore",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: §q}\n  q: "
     "{kind: file, path: '{id}', claim_check: r}\n  r: {kind: file, path: '{id}'}\n",
     "'q' keeps bodies for others, and has a claim_check itself"},
    {"BodiesUnderOneName",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: q}\n  q: "
     "{kind: file, path: §'bodies/{name}'}\n",
     "'path' has no {id}"},
    {"BodiesThatAreRolled",
     "publishers:\n  p: {kind: http, url: 'http://h', event_bytes_max: 9, claim_check: q}\n  q: "
     "{kind: file, path: '{id}', rotate_bytes: §9}\n",
     "'rotate_bytes' says nothing where the publisher keeps bodies"},
    {"InstancesWithKey",
     "adapters:\n  a: {kind: ibm-mq, queue: Q, instances: 2}\nroutes:\n  - {from: a, mappings: "
     "[m.yaml, §k.yaml], to: [p]}\n",
     "'k.yaml' has a key, and the instances of 'a' would not keep its order"},
    {"InstancesBehindASpool",
     "adapters:\n  a: {kind: ibm-mq, queue: Q, instances: §2, spool: yes}\n",
     "'instances' and 'spool' exclude each other"},
    {"InstancesOfAnExclusiveReader",
     "adapters:\n  a: {kind: ibm-mq, queue: Q, open: exclusive, instances: §2}\n",
     "'instances' and 'open: exclusive' exclude each other"},
    {"OneSchemaForTwoMappings",
     "publishers:\n  p: {kind: kafka, brokers: b, topic: t, schema_registry: §https://x}\nroutes:\n"
     "  - {from: a, mappings: [m.yaml, k.yaml], to: [p]}\n",
     "'schema_registry' needs one schema for all events, and both 'm' and 'k' come to it"},
    {"SchemaOfRecords",
     "publishers:\n  p: {kind: kafka, brokers: b, topic: t, schema_registry: §https://x}\nroutes:\n"
     "  - {from: a, mappings: [m.yaml], to: [p], encode: yes}\n",
     "and a route with 'encode: yes' makes records"},
    {"SchemaOfDeadLetters",
     "publishers:\n  p: {kind: stdout}\n  q: {kind: kafka, brokers: b, topic: t, schema_registry: "
     "§https://x}\ndead_letters: q\n",
     "and dead letters have none"},
    {"OnceFromASharedQueue",
     "adapters:\n  a: §{kind: ibm-mq, queue: Q}\npublishers:\n  p: {kind: kafka, brokers: b, "
     "topic: "
     "t, transactional_id: x}\n",
     "'a' to 'p' is not exactly once: another reader of the queue may get what comes again"},
    {"OnceFromASourceThatMayRepeat",
     "adapters:\n  a: §{kind: amqp, servers: 'amqp://h', address: Q}\npublishers:\n  p: {kind: "
     "kafka, "
     "brokers: b, topic: t, transactional_id: x}\n",
     "'amqp' may send again what it was told is settled"},
    {"OnceBehindASpool",
     "adapters:\n  a: {kind: file, path: in, recfm: line, spool: §yes}\npublishers:\n  p: {kind: "
     "kafka, brokers: b, topic: t, transactional_id: x}\n",
     "what the source sends again comes through the spool again"},
    {"OnceToAQueueOfSeveralSources",
     "state: s\nadapters:\n  a: {kind: file, path: in, recfm: line}\n  b: §{kind: file, path: "
     "other, recfm: "
     "line}\npublishers:\n  p: {kind: ibm-mq, queue: Q, state_queue: S}\nroutes:\n  - {from: a, "
     "mappings: [m.yaml], to: [p]}\n  - {from: b, mappings: [m.yaml], to: [p]}\n",
     "'p' is exactly once for one source, read by one instance, alone"},
    {"OnceToAQueueThatForgets",
     "state: s\npublishers:\n  p: {kind: ibm-mq, queue: Q, state_queue: §S, persistence: "
     "as-queue}\n",
     "with 'state_queue' messages must be persistent"},
    {"StateQueueOfTheEvents",
     "state: s\npublishers:\n  p: {kind: ibm-mq, queue: Q, state_queue: §Q}\n",
     "'state_queue' is the queue of the events"},
    {"PositionsThatNobodyStores",
     "adapters:\n  a: {kind: kafka, brokers: b, topic: t, group: g, commit: §transaction}\n",
     "'a' leaves its position to the publisher: its routes must lead to one publisher alone"},
    {"PositionsOfTwoPublishers",
     "adapters:\n  a: {kind: kafka, brokers: b, topic: t, group: g, commit: §transaction}\n"
     "publishers:\n  p: {kind: kafka, brokers: b, topic: t, transactional_id: x}\n  q: {kind: "
     "stdout}\nroutes:\n  - {from: a, mappings: [m.yaml], to: [p, q]}\n",
     "its routes must lead to one publisher alone"},
    {"PositionsWithASpool",
     "adapters:\n  a: {kind: kafka, brokers: b, topic: t, group: g, commit: §transaction, spool: "
     "yes}\npublishers:\n  p: {kind: kafka, brokers: b, topic: t, transactional_id: x}\n",
     "cannot have a spool"},
    {"PositionsWithBlockedKeys",
     "adapters:\n  a: {kind: kafka, brokers: b, topic: t, group: g, commit: §transaction}\n"
     "publishers:\n  p: {kind: kafka, brokers: b, topic: t, transactional_id: x}\nroutes:\n  - "
     "{from: a, mappings: [k.yaml], to: [p], on_dead_letter: block-key}\n",
     "cannot leave out the keys of 'on_dead_letter: block-key'"},
    {"PositionsAndUncommittedMessages",
     "adapters:\n  a: {kind: kafka, brokers: b, topic: t, group: g, commit: transaction, "
     "properties: {§isolation.level: read_uncommitted}}\n",
     "is set by the component itself"},
    {"AdaptersEmpty", "adapters: §{}\n", "'adapters' is empty"},
    {"AdaptersAreList", "adapters: §[a]\n", "'adapters' must be a map of names"},
    {"PublishersAreText", "publishers: §p\n", "'publishers' must be a map of names"},
    {"RoutesAreMap", "routes: §{from: a}\n", "'routes' must be a list"},
    {"RoutesEmpty", "routes: §[]\n", "'routes' must be a list with at least one route"},
    {"LogLevelUnknown", "log: {level: §verbose}\n", "must be one of debug|info|warn|error"},
    {"LogFormatNear", "log: {format: §jsn}\n", "did you mean 'json'?"},
    {"LogKeyUnknown", "log: {§levels: info}\n", "did you mean 'level'?"},
    {"LogIsText", "log: §info\n", "expected a map"},
    {"SummaryTooOften", "log: {summary_interval_ms: §5}\n", "must be at least 100"},
    {"WaitBeyondAnyClock", "delivery: {drain_limit_ms: §9223372036854775807}\n",
     "at least 0 and at most 86400000"},
    {"FirstWaitBeyondAnyClock", "delivery: {retry_initial_ms: §9223372036854775807}\n",
     "at least 1 and at most 86400000"},
    {"WindowTooLarge", "delivery: {window_batches: §1000}\n", "at most 64"},
    {"WindowIsText", "delivery: {window_batches: §many}\n", "is not a whole number"},
    {"PercentOverHundred", "delivery: {bad_records_percent: §101}\n", "at most 100"},
    {"NegativeDrain", "delivery: {drain_limit_ms: §-1}\n", "must be at least 0"},
    {"DeliveryKeyUnknown", "delivery: {§retry_max: 5}\n", "unknown key 'retry_max'"},
    {"AdapterKindMissing", "adapters:\n  §a: {path: in}\n", "'a' has no kind"},
    {"AdapterKindUnknown", "adapters:\n  a: {kind: §fil, path: in}\n", "did you mean 'file'?"},
    {"AdapterPathMissing", "adapters:\n  a: §{kind: file}\n", "the key 'path' is missing"},
    {"AdapterOptionUnknown", "adapters:\n  a: {kind: file, path: in, recfm: line, §recfn: F}\n",
     "did you mean 'recfm'?"},
    {"RecfmUnknown", "adapters:\n  a: {kind: file, path: in, recfm: §VBX}\n", "must be one of"},
    {"LreclIsText", "adapters:\n  a: {kind: file, path: in, recfm: line, lrecl: §long}\n",
     "is not a whole number"},
    {"WatchIsNumber", "adapters:\n  a: {kind: file, path: in, recfm: line, watch: §3}\n",
     "must be yes or no"},
    {"AdapterIsText", "adapters:\n  a: §file\n", "must be a map with a kind"},
    {"AdapterNameWithSlash",
     "adapters:\n  §a/b: {kind: file, path: in, recfm: line}\n"
     "routes:\n  - {from: a/b, mappings: [m.yaml], to: [p]}\n",
     "may hold letters, digits"},
    {"AdapterTwice",
     "adapters:\n  a: {kind: file, path: in, recfm: line}\n  §a: {kind: file, path: in, recfm: "
     "line}\n",
     "stands here twice"},
    {"PublisherKindUnknown", "publishers:\n  p: {kind: §kafak}\n", "did you mean 'kafka'?"},
    {"PublisherOptionUnknown", "publishers:\n  p: {kind: stdout, §formt: body}\n",
     "did you mean 'format'?"},
    {"HttpWithoutUrl", "publishers:\n  p: §{kind: http}\n", "the key 'url' is missing"},
    {"HttpModeUnknown", "publishers:\n  p: {kind: http, url: \"http://h/\", mode: §structure}\n",
     "did you mean 'structured'?"},
    {"HttpSecretInPlain", "publishers:\n  p: {kind: http, url: \"http://h/\", bearer: §abc}\n",
     "holds a secret in plain text"},
    {"KafkaWithoutTopic", "publishers:\n  p: §{kind: kafka, brokers: \"b:9092\"}\n",
     "the key 'topic' is missing"},
    {"FileWithoutPath", "publishers:\n  p: §{kind: file}\n", "the key 'path' is missing"},
    {"RouteFromUnknown", "routes:\n  - {from: §b, mappings: [m.yaml], to: [p]}\n",
     "there is no adapter 'b'"},
    {"RouteToUnknown", "routes:\n  - {from: a, mappings: [m.yaml], to: [§q]}\n",
     "there is no publisher 'q'"},
    {"DeadLettersToUnknown", "dead_letters: §q\n", "there is no publisher 'q'"},
    {"DeadLettersToOneOfARoute", "dead_letters: §p\n", "'p' is in a route"},
    {"EncodeOptionWithoutEncode",
     "routes:\n  - {from: a, mappings: [m.yaml], to: [p], missing: §default}\n",
     "'missing' is for a route with 'encode: yes'"},
    {"EncodeOptionUnknown",
     "routes:\n  - {from: a, mappings: [m.yaml], to: [p], encode: yes, rounding: §up}\n",
     "must be one of"},
    {"FileFramingOfLines", "publishers:\n  p: {kind: file, path: out, recfm: §V}\n",
     "'recfm' is for 'format: records'"},
    {"FileRecordsWithoutLength",
     "publishers:\n  p: {kind: file, path: out, format: records, recfm: §F}\n", "framing: "},
    {"FileReadingOption",
     "publishers:\n  p: {kind: file, path: out, format: records, recfm: V, trailer_records: §1}\n",
     "says how records are read"},
    {"RouteFromMissing", "routes:\n  - §{mappings: [m.yaml], to: [p]}\n",
     "the key 'from' is missing"},
    {"RouteToMissing", "routes:\n  - §{from: a, mappings: [m.yaml]}\n", "the key 'to' is missing"},
    {"RouteToEmpty", "routes:\n  - {from: a, mappings: [m.yaml], to: §[]}\n",
     "'to' must be a list with at least one entry"},
    {"RouteToTwice", "routes:\n  - {from: a, mappings: [m.yaml], to: [p, §p]}\n",
     "'p' stands here twice"},
    {"RouteKeyUnknown", "routes:\n  - {from: a, mappings: [m.yaml], to: [p], §when: x}\n",
     "unknown key 'when'"},
    {"RouteIsText", "routes:\n  - §a\n", "expected a map"},
    {"UnmatchedUnknown", "routes:\n  - {from: a, mappings: [m.yaml], to: [p], unmatched: §drop}\n",
     "must be one of dead-letter|ignore"},
    {"BlocksKeysWithoutAny",
     "routes:\n  - {from: a, mappings: [m.yaml], to: [p], on_dead_letter: §block-key}\n",
     "no mapping of the route has a key to block"},
    {"BlocksKeysOnOneOfTwoWays",
     "routes:\n  - {from: a, mappings: [k.yaml], to: [p]}\n"
     "  - {from: a, mappings: [k.yaml], to: [p], on_dead_letter: §block-key}\n",
     "another route from 'a' to 'p' has the other 'on_dead_letter'"},
    {"MappingNotThere", "routes:\n  - {from: a, mappings: [§x.yaml], to: [p]}\n",
     "the mapping file x.yaml cannot be read"},
    {"MappingNameTwice", "routes:\n  - {from: a, mappings: [m.yaml, §n.yaml], to: [p]}\n",
     "is also that of m.yaml"},
    {"SpoolOfWhatIsAnsweredWhenDelivered",
     "adapters:\n  a: {kind: http, listen: '127.0.0.1:1', answer: delivered, spool: §yes}\n",
     "a spool would settle what is to be settled when it is delivered"},
    {"CallsOfAFile",
     "routes:\n  - {from: a, mappings: [m.yaml], to: [p], encode: yes, reply: §{mappings: "
     "[k.yaml]}}\npublishers:\n  p: {kind: ibm-mq, queue: Q, reply_to_queue: R}\n",
     "'file' takes no calls"},
    {"CallsToStandardOutput",
     "adapters:\n  a: {kind: http, listen: '127.0.0.1:1'}\nroutes:\n  - {from: a, mappings: "
     "[m.yaml], to: [p], encode: yes, reply: §{mappings: [k.yaml]}}\n",
     "'stdout' brings no replies"},
    {"CallsThatDecode",
     "adapters:\n  a: {kind: http, listen: '127.0.0.1:1'}\nroutes:\n  - {from: a, mappings: "
     "[m.yaml], to: [p], reply: §{mappings: [k.yaml]}}\npublishers:\n  p: {kind: ibm-mq, "
     "queue: Q, reply_to_queue: R}\n",
     "a route with 'reply' has 'encode: yes', one publisher"},
    {"CallsWithoutAReplyQueue",
     "adapters:\n  a: {kind: http, listen: '127.0.0.1:1'}\npublishers:\n  p: §{kind: ibm-mq, "
     "queue: Q}\nroutes:\n  - {from: a, mappings: [m.yaml], to: [p], encode: yes, reply: "
     "{mappings: [k.yaml]}}\n",
     "a route with 'reply' needs 'reply_to_queue'"},
    {"CallsThatAreSpooledRecordsToo",
     "adapters:\n  a: {kind: http, listen: '127.0.0.1:1'}\npublishers:\n  p: {kind: ibm-mq, "
     "queue: Q, reply_to_queue: R}\nroutes:\n  - {from: a, mappings: [m.yaml], to: [p], encode: "
     "yes, reply: {mappings: [k.yaml]}}\n  - §{from: a, mappings: [m.yaml], to: [p]}\n",
     "another route from 'a' has a 'reply'"},
    {"MappingsAreMap", "routes:\n  - {from: a, mappings: §{m: n}, to: [p]}\n",
     "'mappings' must be a list"},
};

class BridgeFileMistake : public ::testing::TestWithParam<Mistake> {};

TEST_P(BridgeFileMistake, IsReportedAtItsPlace) {
  const std::string text = whole(GetParam().text);
  expect_mistake({GetParam().title, text, GetParam().message}, read_bridge);
}

INSTANTIATE_TEST_SUITE_P(Table, BridgeFileMistake, ::testing::ValuesIn(kRows), title_of);

TEST(BridgeFile, WithoutMistakesIsLoaded) {
  Diagnostics diagnostics;
  read_bridge(whole(""), "bridge.yaml", diagnostics);
  EXPECT_TRUE(diagnostics.all().empty());
}

TEST(BridgeFile, SaysWhatIsInNoRoute) {
  Diagnostics diagnostics;
  read_bridge(whole("publishers:\n  p: {kind: stdout}\n  q: {kind: stdout}\n"), "bridge.yaml",
              diagnostics);
  ASSERT_EQ(diagnostics.all().size(), 1U);
  EXPECT_EQ(to_string(diagnostics.all()[0]), "bridge.yaml:3:3: warning: 'q' is in no route");
}

}  // namespace
}  // namespace copybridge::support
