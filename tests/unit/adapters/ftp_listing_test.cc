// Lines of FTP listings, those of z/OS and hostile ones: what is a file, and what is not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/ftp/listing.h"

namespace copybridge::adapters::ftp {
namespace {

using ::testing::AllOf;
using ::testing::Eq;
using ::testing::Field;
using ::testing::Optional;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNoon = 1'795'780'860 * kSecond;  // 2026-11-27 12:01:00 UTC

auto named(std::string_view name) {
  return Optional(Field("name", &remote::RemoteFile::name, Eq(name)));
}
auto sized(std::string_view name, std::uint64_t size) {
  return Optional(AllOf(Field("name", &remote::RemoteFile::name, Eq(name)),
                        Field("size", &remote::RemoteFile::size, size),
                        Field("is_size_exact", &remote::RemoteFile::is_size_exact, true)));
}

TEST(FtpListing, TakesFilesOfMlsd) {
  const auto file = parse_mlsd("Type=file;Size=1600;Modify=20261127120100;UNIX.mode=0644; a b.dat");
  ASSERT_THAT(file, sized("a b.dat", 1600));
  EXPECT_EQ(file->time_ns, kNoon);
  EXPECT_EQ(parse_mlsd("modify=20261127120100.5;type=FILE; x")->time_ns, kNoon);
  EXPECT_FALSE(parse_mlsd("type=file; x")->is_size_exact);
}

TEST(FtpListing, TakesNothingElseOfMlsd) {
  for (const std::string_view line :
       {"", " ", "type=dir;size=1; folder", "type=cdir; .", "type=OS.unix=slink:/etc; x",
        "size=1; x", "type=file;size=1;", "type=file;size=1; ", "type=file; a\tb",
        "type=file; a\x7F"}) {
    EXPECT_EQ(parse_mlsd(line), std::nullopt) << line;
  }
}

TEST(FtpListing, DoesNotTakeAWrongSizeOfMlsdForOne) {
  for (const std::string_view size : {"-1", "1x", "", "18446744073709551616", "0x10", " 1"}) {
    const auto file = parse_mlsd("type=file;size=" + std::string(size) + "; x");
    EXPECT_TRUE(!file || !file->is_size_exact) << size;
  }
}

TEST(FtpListing, TakesRegularFilesOfUnix) {
  EXPECT_THAT(parse_unix("-rw-r--r--   1 USER     GRP          1600 Nov 27 12:01 a.dat"),
              sized("a.dat", 1600));
  EXPECT_THAT(parse_unix("-rw-r--r-- 1 u g 5 Nov 27  2025  two leading spaces"),
              sized(" two leading spaces", 5));
}

TEST(FtpListing, TakesNothingElseOfUnix) {
  for (const std::string_view line :
       {"", "-", "total 8", "drwxr-xr-x 2 u g 5 Nov 27 12:01 folder",
        "lrwxrwxrwx 1 u g 5 Nov 27 12:01 a -> b", "-rw-r--r-- 1 u g x Nov 27 12:01 a",
        "-rw-r--r-- 1 u g 99999999999999999999 Nov 27 12:01 a", "-rw-r--r-- 1 u g 5 Nov 27 12:01",
        "-rw-r--r-- 1 u g 5 Nov 27 12:01 ", "-rw-r--r-- 1 u g 5 Nov 27 12:01 a\rDELE b"}) {
    EXPECT_EQ(parse_unix(line), std::nullopt) << line;
  }
}

TEST(FtpListing, TakesSequentialDataSets) {
  EXPECT_THAT(
      parse_data_set("VOL001 3390   2026/11/27  1   15  FB     200 27800  PS  'HLQ.PAY.G0001V00'"),
      named("'HLQ.PAY.G0001V00'"));
  EXPECT_THAT(parse_data_set("VOL001 3390   2026/11/27  1   15  VB    4096 27998  PS-L HLQ.LARGE"),
              named("'HLQ.LARGE'"));
  EXPECT_THAT(parse_data_set("Migrated                                   'HLQ.OLD'"),
              named("'HLQ.OLD'"));
  EXPECT_THAT(parse_data_set("ARCIVE HLQ.OLDER"), named("'HLQ.OLDER'"));
}

TEST(FtpListing, TakesNoOtherDataSets) {
  const std::string too_long = "ARCIVE " + std::string(45, 'A');
  for (const std::string_view line :
       {std::string_view(""),
        std::string_view("Volume Unit Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname"),
        std::string_view("VOL001 3390 2026/11/27 1 15 FB 80 27920 PO 'HLQ.PARTITIONED'"),
        std::string_view("VOL001 3390 2026/11/27 1 15 U 0 27998 VSAM 'HLQ.CLUSTER'"),
        std::string_view("Pseudo Directory 'HLQ.X'"), std::string_view("PS"),
        std::string_view("a PS 'HLQ.X"), std::string_view("a PS '"), std::string_view("a PS ''"),
        std::string_view("a PS 'HLQ.X(M)'"), std::string_view("a PS 'HLQ.X''"),
        std::string_view("a PS HLQ.X\r"), std::string_view(too_long)}) {
    EXPECT_EQ(parse_data_set(line), std::nullopt) << line;
  }
}

TEST(FtpListing, TakesMembersWithTheTimeOfTheirStatistics) {
  const auto file = parse_member(
      " PAY      01.02 2026/11/20 2026/11/27 12:01     9     9     0 USER1", "HLQ.LIB");
  ASSERT_THAT(file, named("'HLQ.LIB(PAY)'"));
  EXPECT_EQ(file->time_ns, kNoon);
  EXPECT_EQ(parse_member(" A 01.02 2026/11/20 2026/11/27 12:01:01 9 9 0 U", "L")->time_ns,
            kNoon + kSecond);
  const auto bare = parse_member(" $X#@1", "HLQ.LIB");
  ASSERT_THAT(bare, named("'HLQ.LIB($X#@1)'"));
  EXPECT_EQ(bare->time_ns, 0);
}

TEST(FtpListing, DoesNotTakeWhatElseIsThereForMembersOrTheirTime) {
  for (const std::string_view line :
       {"", "   ", " Name     VV.MM   Created       Changed      Size  Init   Mod   Id", " a)'",
        " LONGERTHAN8", " A\n"}) {
    EXPECT_EQ(parse_member(line, "L"), std::nullopt) << line;
  }
  for (const std::string_view changed :
       {"2026/13/01 12:01", "2026/11/27 25:00", "2026/02/30 12:01", "9999/12/31 23:59",
        "0000/01/01 00:00", "12345678901234567890 12:01", "never ever"}) {
    const auto file = parse_member(" A 01.02 2026/11/20 " + std::string(changed), "L");
    ASSERT_THAT(file, named("'L(A)'")) << changed;
    EXPECT_EQ(file->time_ns, 0) << changed;
  }
}

TEST(FtpListing, TakesJobsWithOutput) {
  const auto file = parse_job("PAYJOB   JOB00044 USER1    OUTPUT A        RC=0000 5 spool files");
  ASSERT_THAT(file, named("JOB00044.x"));
  EXPECT_EQ(file->version, "PAYJOB");
  EXPECT_THAT(parse_job("PAYJOB J0123456 USER1 OUTPUT A (JCL error) 3 spool files"),
              named("J0123456.x"));
  EXPECT_THAT(parse_job("STARTED STC00007 OUTPUT 1 Spool Files"), named("STC00007.x"));
}

TEST(FtpListing, TakesNothingElseOfJes) {
  for (const std::string_view line :
       {"", "JOBNAME  JOBID    OWNER    STATUS CLASS", "PAYJOB JOB00044 USER1 ACTIVE A",
        "PAYJOB JOB0004 U OUTPUT", "PAYJOB JOB000440 U OUTPUT", "PAYJOB /0123456 U OUTPUT",
        "PAYJOB \r0123456 U OUTPUT", "pay JOB00044 U OUTPUT", "OUTPUT JOB00044"}) {
    EXPECT_EQ(parse_job(line), std::nullopt) << line;
  }
}

TEST(FtpListing, RefusesTimesThatAreNone) {
  EXPECT_EQ(parse_time("20261127120100"), kNoon);
  EXPECT_EQ(parse_time("20261231235960.999"), parse_time("20270101000000"));
  EXPECT_EQ(parse_time("19691231235959"), -kSecond);
  for (const std::string_view digits :
       {"", ".", "2026112712010", "202611271201000", "2026112712010x", "20261327120100",
        "20260230120100", "20261127240000", "20261127126000", "20261127120161", "00000101000000",
        "16770101000000", "22620101000000", "99991231235959"}) {
    EXPECT_EQ(parse_time(digits), std::nullopt) << digits;
  }
}

TEST(FtpListing, MatchesDataSetNamesByTheirQualifiers) {
  for (const auto& [pattern, name] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"HLQ.PAY", "HLQ.PAY"},
                                                                  {"hlq.*", "HLQ.PAY"},
                                                                  {"HLQ.P*Y", "HLQ.PY"},
                                                                  {"HLQ.**", "HLQ.A.B"},
                                                                  {"**.B", "A.A.B"},
                                                                  {"HLQ.%AY", "HLQ.PAY"},
                                                                  {"*", ""},
                                                                  {"***", "A.B"},
                                                                  {"", ""},
                                                                  {"**A", "A.A"},
                                                                  {"*.*", "A.B"}}) {
    EXPECT_TRUE(matches_data_set(pattern, name)) << pattern << " " << name;
  }
  for (const auto& [pattern, name] :
       std::vector<std::pair<std::string_view, std::string_view>>{{"HLQ.*", "HLQ.A.B"},
                                                                  {"HLQ.%AY", "HLQ.AY"},
                                                                  {"HLQ%PAY", "HLQ.PAY"},
                                                                  {"", "A"},
                                                                  {"*.A", "B.C.A"},
                                                                  {"HLQ", "HLQ.A"},
                                                                  {"HLQ.**.", "HLQ.A"},
                                                                  {"A", ""}}) {
    EXPECT_FALSE(matches_data_set(pattern, name)) << pattern << " " << name;
  }
}

TEST(FtpListing, MatchesManyStarsInTheirNumber) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "**A";
  EXPECT_FALSE(matches_data_set(pattern + "B", std::string(4000, 'A')));
  EXPECT_TRUE(matches_data_set(pattern, std::string(4000, 'A')));
}

}  // namespace
}  // namespace copybridge::adapters::ftp
