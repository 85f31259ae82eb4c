// Copybook text to layout. All mistakes of a copybook are reported at once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/core/diagnostics.h"
#include "bridge/core/error.h"
#include "codecs/charset/code_page.h"
#include "codecs/copybook/layout.h"

namespace copybridge::copybook {

/// fixed: columns 1-6 sequence, 7 indicator, 8-72 text. free: no columns. variable: as fixed,
/// without an end of text at column 72.
enum class SourceFormat : std::uint8_t { fixed, free, variable };

/// Bytes of an address. by_dialect: 4 under z/OS (LP(32)), 8 where GnuCOBOL and Micro Focus run.
enum class AddressSize : std::uint8_t { by_dialect, lp_32, lp_64 };

/// What PIC N without a USAGE is (compiler option NSYMBOL).
enum class NSymbol : std::uint8_t { national, dbcs };

struct ParseOptions {
  SourceFormat source_format = SourceFormat::fixed;
  Dialect dialect = Dialect::ibm;
  AddressSize address_size = AddressSize::by_dialect;
  NSymbol n_symbol = NSymbol::national;
  bool decimal_point_is_comma = false;
  std::vector<CurrencySign> currency_signs = {CurrencySign{}};  ///< never empty
  std::vector<std::filesystem::path> libraries;                 ///< searched by COPY, in order
  /// Of text in EBCDIC, or that is no UTF-8; null: IBM-037 for EBCDIC.
  std::shared_ptr<const charset::CodePage> code_page;
};

/// Reads `SIGN` or `SYMBOL=SIGN`, as options give a currency sign: `$`, `U=EUR`, `$=X'9F'`.
[[nodiscard]] Result<CurrencySign> parse_currency_sign(std::string_view text);

struct ParseOutcome {
  Copybook copybook;        ///< complete only where diagnostics has no errors
  Diagnostics diagnostics;  ///< in the order of the text
  std::string sources;      ///< all text that decided the layout, COPY members included, for
                            ///< the hash in dead letters and the configuration digest
};

/// Parses copybook text. `file_name` is used in positions only. Never throws; hostile input is
/// refused within bounded time and memory.
[[nodiscard]] ParseOutcome parse(std::string_view text, const std::string& file_name,
                                 const ParseOptions& options);

/// Reads and parses a copybook file; a file that cannot be read is a diagnostic.
[[nodiscard]] ParseOutcome load(const std::filesystem::path& path, const ParseOptions& options);

}  // namespace copybridge::copybook
