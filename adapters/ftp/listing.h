// The lines of FTP listings: MLSD's facts (RFC 3659), `ls -l`, and those of z/OS for data sets,
// members and JES.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapters/remote/transport.h"

namespace copybridge::adapters::ftp {

/// A file of an MLSD line, with size and time; nothing for folders and what is no file.
[[nodiscard]] std::optional<remote::RemoteFile> parse_mlsd(std::string_view line);
/// A regular file of an `ls -l` line, with its size. The time it shows is too coarse, and changes
/// its form with age: it is asked for by itself.
[[nodiscard]] std::optional<remote::RemoteFile> parse_unix(std::string_view line);
/// A sequential data set: `Volume Unit Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname`. What a
/// line says of size and time changes with migration and reading, so that only the name counts.
[[nodiscard]] std::optional<remote::RemoteFile> parse_data_set(std::string_view line);
/// A member: ` NAME VV.MM Created Changed Size Init Mod Id`, with the time of its ISPF statistics
/// where it has any.
[[nodiscard]] std::optional<remote::RemoteFile> parse_member(std::string_view line,
                                                             std::string_view data_set);
/// A job whose output is there, of JESINTERFACELEVEL 1 or 2. Its name is `JOB00044.x`: all of its
/// spool files.
[[nodiscard]] std::optional<remote::RemoteFile> parse_job(std::string_view line);

/// `20261127152100`, perhaps with a fraction, as nanoseconds since 1970.
[[nodiscard]] std::optional<std::int64_t> parse_time(std::string_view digits);

/// `*` within a qualifier, `**` over several, `%` one character.
[[nodiscard]] bool matches_data_set(std::string_view pattern, std::string_view name);

}  // namespace copybridge::adapters::ftp
