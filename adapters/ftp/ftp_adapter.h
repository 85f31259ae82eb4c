// The source that fetches files by FTP, FTPS and SFTP.
#pragma once

#include "adapters/adapter.h"

namespace copybridge::adapters {

/// The row of the registry.
extern const AdapterKind kFtpAdapter;

}  // namespace copybridge::adapters
