// Mistakes in the file adapter's options, each at its place.
#include "tests/unit/adapters/file_fixture.h"

namespace copybridge::adapters {
namespace {

class FileOptions : public FileFixture {
 protected:
  /// `line: message` of the first mistake; empty where the options are right.
  std::string mistake(const std::string& options) {
    const std::unique_ptr<Adapter> adapter = make(folder_, options);
    if (!diagnostics_.has_errors()) {
      EXPECT_NE(adapter, nullptr);
      return "";
    }
    EXPECT_EQ(adapter, nullptr);
    const Diagnostic& first = diagnostics_.all().front();
    return std::to_string(first.where.line) + ": " + first.message;
  }
};

TEST_F(FileOptions, AreAllExplained) {
  for (const OptionSpec& option : kFileAdapter.options) {
    EXPECT_TRUE(option.help.ends_with('.')) << option.name;
  }
}

TEST_F(FileOptions, NeedALengthWithFixedRecords) {
  EXPECT_NE(mistake("recfm: FB").find("LRECL"), std::string::npos);
}

TEST_F(FileOptions, RefuseAnUnknownDisposal) {
  EXPECT_EQ(mistake("after: burn"), "1: 'after' must be keep, delete or move DIR, not 'burn'");
  EXPECT_EQ(mistake("after: \"move \""),
            "1: 'after' must be keep, delete or move DIR, not 'move '");
  EXPECT_EQ(mistake("on_error: delete"), "1: 'on_error' must be keep or move DIR, not 'delete'");
}

TEST_F(FileOptions, RefuseToMoveFilesWhereTheyAreRead) {
  EXPECT_EQ(mistake("after: move in"), "1: 'after' moves files into the folder they are read from");
  EXPECT_EQ(mistake("on_error: move ./in/"),
            "1: 'on_error' moves files into the folder they are read from");
}

TEST_F(FileOptions, RefuseToFollowFilesThatAreTakenAway) {
  EXPECT_EQ(mistake("follow: yes\nafter: delete"), "2: 'follow: yes' needs 'after: keep'");
  EXPECT_EQ(mistake("follow: yes\ntrigger: .ok"),
            "2: 'follow: yes' and 'trigger' exclude each other");
}

TEST_F(FileOptions, RefuseTrailersOfFilesThatNeverEnd) {
  EXPECT_EQ(mistake("follow: yes\ntrailer_records: 1"),
            "1: 'follow: yes' and trailer records exclude each other");
}

TEST_F(FileOptions, RefuseOptionsOfFramingThatWouldDoNothing) {
  EXPECT_EQ(mistake("recfm: FB\nlrecl: 4\nblock_size: 100"),
            "3: framing: block_size has no meaning without block descriptor words");
  EXPECT_EQ(mistake("recfm: FB\nlrecl: 4\nbdw: yes\nshort_last: yes"),
            "4: framing: short_last has no meaning with block descriptor words");
  EXPECT_EQ(mistake("recfm: V\nshort_last: yes"),
            "2: framing: short_last has no meaning with record format V");
}

TEST_F(FileOptions, RefuseATriggerWithAFolder) {
  EXPECT_EQ(mistake("trigger: done/.x"), "1: 'trigger' is a suffix of a file name, without '/'");
}

TEST_F(FileOptions, RefuseAPathThatNamesAFolder) {
  EXPECT_EQ(mistake("path: in/"), "1: 'path' names no file: 'in/'");
}

TEST_F(FileOptions, NeedAMappingWhereTheCopybookTellsLengths) {
  EXPECT_NE(mistake("recfm: copybook").find("nothing names the copybook"), std::string::npos);
  EXPECT_NE(mistake("length_field: LEN").find("nothing names the copybook"), std::string::npos);
  EXPECT_EQ(mistake("described_by: none.yaml"), "1: the mapping none.yaml cannot be used");
  EXPECT_EQ(mistake("recfm: V\nlength_field: LEN").substr(0, 3), "1: ");
  EXPECT_NE(mistake("recfm: F\nlrecl: 3\nlength_map: {A: 1}").find("needs a length field"),
            std::string::npos);
}

TEST_F(FileOptions, AreTakenAsTheyAre) {
  EXPECT_EQ(mistake("after: move done\non_error: move bad\norder: mtime\nend_event: yes"), "");
  EXPECT_EQ(mistake("recfm: length-prefixed\nlength_bytes: 2"), "");
}

TEST_F(FileOptions, NeedAStateDirectoryToOpen) {
  diagnostics_ = {};
  const ConfigNode node = parse_yaml("path: a\nrecfm: V\n", "bridge.yaml", diagnostics_);
  const Options options = read_options(node, kFileAdapter.options, {}, diagnostics_);
  const AdapterContext context{"accounts", folder_, nullptr, log_, system_clock()};
  const std::unique_ptr<Adapter> adapter = kFileAdapter.make(context, options, diagnostics_);
  ASSERT_NE(adapter, nullptr);
  const Result<void> opened = adapter->open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, ErrorKind::config);
}

}  // namespace
}  // namespace copybridge::adapters
