// Kernels for AVX-512 with VBMI, VBMI2 and IFMA: a field is one register, from its bytes to its
// JSON text. Results are those of the portable kernels, byte for byte.
#include "codecs/condition/field.h"
#include "codecs/plan/kernels.h"
#include "codecs/plan/run_kernels.h"
#include "codecs/plan/tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <array>
#include <cstring>

#include "codecs/plan/avx512.h"

namespace copybridge::plan {

using copybook::SignPlace;
using copybook::Usage;

namespace {

constexpr unsigned kNarrowDigits = 15;  ///< lane 15 holds the decimal point
constexpr unsigned kWideDigits = 31;    ///< lane 31 likewise
constexpr unsigned kShortBinaryDigits = 8;
constexpr unsigned kLongBinaryDigits = 24;
constexpr std::uint64_t kEightDigits = 100'000'000U;
constexpr std::uint64_t kFifteenDigits = 1'000'000'000'000'000U;
constexpr std::uint64_t kSixteenDigits = 10'000'000'000'000'000U;

/// For each number of whole digits: which lane each character comes from, the point's lane behind
/// the whole digits. Read from the first character that is not a leading zero.
template <unsigned kPoint, std::size_t kSize>
constexpr auto make_order() {
  std::array<std::array<std::uint8_t, kSize>, kPoint + 1> order{};
  for (unsigned whole = 0; whole <= kPoint; ++whole) {
    for (unsigned i = 0; i < kSize; ++i) {
      const unsigned lane = i < whole ? i : i - 1;
      order[whole][i] = static_cast<std::uint8_t>(i == whole || lane > kPoint ? kPoint : lane);
    }
  }
  return order;
}
constexpr auto kNarrowOrder = make_order<kNarrowDigits, 32>();
constexpr auto kWideOrder = make_order<kWideDigits, 64>();

/// Lanes 0 up to the operation's digits are digits 0..9. `nonzero` marks those that are not zero.
COPYBRIDGE_AVX512 inline char* put_narrow(const Op& op, __m128i digits, unsigned nonzero,
                                          unsigned is_minus, char* out) {
  const __m128i text = _mm_mask_blend_epi8(
      1U << kNarrowDigits, _mm_or_si128(digits, _mm_set1_epi8('0')), _mm_set1_epi8('.'));
  // The last whole digit is printed even where it is zero.
  const unsigned leading = _tzcnt_u32(nonzero | (1U << (op.whole - 1U)));
  *out = '-';
  out += is_minus & static_cast<unsigned>(nonzero != 0);
  const __m128i order =
      _mm_loadu_si128(reinterpret_cast<const __m128i*>(kNarrowOrder[op.whole].data() + leading));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm_shuffle_epi8(text, order));
  return out + (op.length - leading);
}

COPYBRIDGE_AVX512 inline char* put_wide(unsigned whole, unsigned length, __m256i digits,
                                        unsigned nonzero, unsigned is_minus, char* out) {
  const __m256i text = _mm256_mask_blend_epi8(
      1U << kWideDigits, _mm256_or_si256(digits, _mm256_set1_epi8('0')), _mm256_set1_epi8('.'));
  const unsigned leading = _tzcnt_u32(nonzero | (1U << (whole - 1U)));
  *out = '-';
  out += is_minus & static_cast<unsigned>(nonzero != 0);
  const __m256i order =
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(kWideOrder[whole].data() + leading));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm256_permutexvar_epi8(order, text));
  return out + (length - leading);
}

// Sign nibbles A-F as bits: which are minus, which are refused.
constexpr unsigned kMinusNibbles = (1U << 0x0BU) | (1U << 0x0DU);
constexpr unsigned kDigitNibbles = 0x3FFU;

COPYBRIDGE_AVX512 inline unsigned refuses_sign(unsigned nibble, bool is_signed) {
  return ((kDigitNibbles | (is_signed ? 0U : kMinusNibbles)) >> nibble) & 1U;
}

/// For each byte of a quadword of four words with one byte each: the bit its nibble begins at.
constexpr long long kNibbleBits = 0x3034'2024'1014'0004;

// COMP-3 of up to 8 bytes, and COMP-6 (without a sign nibble) of up to 7.
template <bool kHasSign>
COPYBRIDGE_AVX512 inline char* write_packed(const Op& op, const std::uint8_t* in, char* out,
                                            Frame& /*frame*/) {
  const __m128i words = _mm_cvtepu8_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(in)));
  const __m128i digits = _mm_and_si128(
      _mm_multishift_epi64_epi8(_mm_set1_epi64x(kNibbleBits), words), _mm_set1_epi8(0x0F));
  const unsigned lanes = _bzhi_u32(~0U, op.digits);
  unsigned bad = _mm_mask_cmpgt_epu8_mask(static_cast<__mmask16>(lanes), digits, _mm_set1_epi8(9));
  unsigned is_minus = 0;
  if constexpr (kHasSign) {
    const unsigned sign = in[op.size - 1U] & 0x0FU;
    bad |= refuses_sign(sign, op.is_signed);
    is_minus = (kMinusNibbles >> sign) & 1U;
  }
  if (bad != 0) [[unlikely]]
    return nullptr;
  return put_narrow(op, digits,
                    _mm_mask_test_epi8_mask(static_cast<__mmask16>(lanes), digits, digits),
                    is_minus, out);
}

// Up to 16 bytes of COMP-3 and 15 of COMP-6.
template <bool kHasSign>
COPYBRIDGE_AVX512 inline char* write_packed_wide(const Op& op, const std::uint8_t* in, char* out,
                                                 Frame& /*frame*/) {
  const __m256i words = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in)));
  const __m256i digits = _mm256_and_si256(
      _mm256_multishift_epi64_epi8(_mm256_set1_epi64x(kNibbleBits), words), _mm256_set1_epi8(0x0F));
  const unsigned lanes = _bzhi_u32(~0U, op.digits);
  unsigned bad = _mm256_mask_cmpgt_epu8_mask(lanes, digits, _mm256_set1_epi8(9));
  unsigned is_minus = 0;
  if constexpr (kHasSign) {
    const unsigned sign = in[op.size - 1U] & 0x0FU;
    bad |= refuses_sign(sign, op.is_signed);
    is_minus = (kMinusNibbles >> sign) & 1U;
  }
  if (bad != 0) [[unlikely]]
    return nullptr;
  return put_wide(op.whole, op.length, digits, _mm256_mask_test_epi8_mask(lanes, digits, digits),
                  is_minus, out);
}

/// Where a zoned number's digits and its sign lie.
template <SignPlace kSign>
struct ZonedPlace {
  static constexpr bool kIsSeparate =
      kSign == SignPlace::leading_separate || kSign == SignPlace::trailing_separate;
  static constexpr unsigned kFirstDigit = kSign == SignPlace::leading_separate ? 1 : 0;

  static unsigned sign(const Op& op) {
    if (kSign == SignPlace::leading || kSign == SignPlace::leading_separate) return 0;
    return kIsSeparate ? op.digits : op.digits - 1U;
  }
  /// Whether the sign character is none, or a minus where the item has no sign.
  static unsigned refuses(const Op& op, unsigned sign) {
    return static_cast<unsigned>(sign > (kIsSeparate || op.is_signed ? 0x1FU : 0x0FU));
  }
};

template <SignPlace kSign>
COPYBRIDGE_AVX512 inline char* write_zoned(const Op& op, const std::uint8_t* in, char* out,
                                           Frame& /*frame*/) {
  using Place = ZonedPlace<kSign>;
  const unsigned at = Place::sign(op);
  const unsigned sign = op.detail.sign->entry[in[at]];
  __m128i digits =
      _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + Place::kFirstDigit)),
                    _mm_set1_epi8(static_cast<char>(op.zones)));
  // The digit under an overpunched sign.
  if constexpr (!Place::kIsSeparate)
    digits = _mm_mask_set1_epi8(digits, static_cast<__mmask16>(1U << at),
                                static_cast<char>(sign & 0x0FU));
  const unsigned lanes = _bzhi_u32(~0U, op.digits);
  const unsigned bad =
      _mm_mask_cmpgt_epu8_mask(static_cast<__mmask16>(lanes), digits, _mm_set1_epi8(9)) |
      Place::refuses(op, sign);
  if (bad != 0) [[unlikely]]
    return nullptr;
  return put_narrow(op, digits,
                    _mm_mask_test_epi8_mask(static_cast<__mmask16>(lanes), digits, digits),
                    (sign / condition::kSignMinus) & 1U, out);
}

template <SignPlace kSign>
COPYBRIDGE_AVX512 inline char* write_zoned_wide(const Op& op, const std::uint8_t* in, char* out,
                                                Frame& /*frame*/) {
  using Place = ZonedPlace<kSign>;
  const unsigned at = Place::sign(op);
  const unsigned sign = op.detail.sign->entry[in[at]];
  __m256i digits = _mm256_xor_si256(
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + Place::kFirstDigit)),
      _mm256_set1_epi8(static_cast<char>(op.zones)));
  if constexpr (!Place::kIsSeparate)
    digits = _mm256_mask_set1_epi8(digits, 1U << at, static_cast<char>(sign & 0x0FU));
  const unsigned lanes = _bzhi_u32(~0U, op.digits);
  const unsigned bad =
      _mm256_mask_cmpgt_epu8_mask(lanes, digits, _mm256_set1_epi8(9)) | Place::refuses(op, sign);
  if (bad != 0) [[unlikely]]
    return nullptr;
  return put_wide(op.whole, op.length, digits, _mm256_mask_test_epi8_mask(lanes, digits, digits),
                  (sign / condition::kSignMinus) & 1U, out);
}

/// The digits of a value below 10^8, most significant first, one in each quadword: the fraction
/// value/10^k in 52 bits, times ten, is the k-th digit from the left. All 10^8 values were tried.
COPYBRIDGE_AVX512 inline __m512i eight_digits(std::uint64_t value) {
  constexpr long long kOne = 1LL << 52;
  const __m512i scales =
      _mm512_setr_epi64(kOne / 100'000'000, kOne / 10'000'000, kOne / 1'000'000, kOne / 100'000,
                        kOne / 10'000, kOne / 1'000, kOne / 100, kOne / 10);
  const __m512i fraction =
      _mm512_madd52lo_epu64(scales, _mm512_set1_epi64(static_cast<long long>(value)), scales);
  return _mm512_madd52hi_epu64(_mm512_setzero_si512(), fraction, _mm512_set1_epi64(10));
}

struct Binary {
  std::uint64_t magnitude;
  unsigned is_negative;
};

template <bool kLittle>
COPYBRIDGE_AVX512 inline Binary read_binary(const Op& op, const std::uint8_t* in) {
  const unsigned unused = 64 - 8 * op.size;
  std::uint64_t loaded = 0;
  std::memcpy(&loaded, in, sizeof loaded);
  // The value at the top of the word: shifting it down extends its sign.
  const std::uint64_t word = kLittle ? loaded << unused : __builtin_bswap64(loaded);
  const auto extended = static_cast<std::uint64_t>(static_cast<std::int64_t>(word) >> unused);
  const std::uint64_t value = op.is_signed ? extended : word >> unused;
  const unsigned negative =
      static_cast<unsigned>(op.is_signed) & static_cast<unsigned>(word >> 63U);
  const std::uint64_t mask = 0 - std::uint64_t{negative};
  return {(value ^ mask) + negative, negative};
}

// At most 3 bytes: below 10^8.
template <bool kLittle>
COPYBRIDGE_AVX512 inline char* write_binary_short(const Op& op, const std::uint8_t* in, char* out,
                                                  Frame& /*frame*/) {
  const Binary value = read_binary<kLittle>(op, in);
  const __m128i digits = _mm512_cvtepi64_epi8(eight_digits(value.magnitude));
  return put_narrow(op, digits, _mm_test_epi8_mask(digits, digits), value.is_negative, out);
}

// 10^15 and above: 24 lanes.
COPYBRIDGE_AVX512 [[gnu::noinline]] char* write_binary_wide(const Op& op, Binary value, char* out) {
  const std::uint64_t low = value.magnitude % kSixteenDigits;
  const __m128i top = _mm512_cvtepi64_epi8(eight_digits(value.magnitude / kSixteenDigits));
  const __m128i middle = _mm512_cvtepi64_epi8(eight_digits(low / kEightDigits));
  const __m128i bottom = _mm512_cvtepi64_epi8(eight_digits(low % kEightDigits));
  const __m256i digits =
      _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi64(top, middle)), bottom, 1);
  const unsigned extra = kLongBinaryDigits - op.digits;
  return put_wide(op.whole + extra, op.length + extra, digits,
                  _mm256_test_epi8_mask(digits, digits), value.is_negative, out);
}

template <bool kLittle>
COPYBRIDGE_AVX512 inline char* write_binary(const Op& op, const std::uint8_t* in, char* out,
                                            Frame& /*frame*/) {
  const Binary value = read_binary<kLittle>(op, in);
  if (value.magnitude >= kFifteenDigits) [[unlikely]]
    return write_binary_wide(op, value, out);
  const __m512i high = eight_digits(value.magnitude / kEightDigits);
  const __m512i low = eight_digits(value.magnitude % kEightDigits);
  // The last fifteen of sixteen digits; lane 15 is the point's.
  const __m512i order = _mm512_castsi128_si512(
      _mm_setr_epi8(8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 96, 104, 112, 120, 1));
  const __m128i digits = _mm512_castsi512_si128(_mm512_permutex2var_epi8(high, order, low));
  return put_narrow(op, digits, _mm_test_epi8_mask(digits, digits), value.is_negative, out);
}

/// As run_row, with what this instruction set allows.
template <Kernel kKernel>
COPYBRIDGE_AVX512 char* run_here(const Op* op, const Op* last, char* out, Frame& frame) {
  const std::uint8_t* const record = frame.record + frame.displacement;
  const char* const pool = frame.pool;
  for (; op != last; ++op) {
    out = copy_text(out, pool + op->text_offset, op->text_size);
    char* end = kKernel(*op, record + op->offset, out, frame);
    if (end == nullptr) [[unlikely]] {
      end = handle_misfit(*op, out, frame);
      if (end == nullptr) return nullptr;
    }
    out = end;
  }
  return out;
}

template <Kernel kKernel>
KernelChoice number(DetailKind detail, unsigned digits) {
  return {kKernel, run_here<kKernel>, detail, static_cast<std::uint16_t>(digits)};
}

/// Whether the digits fit the lanes with at least one in front of the point.
bool fits(const condition::Field& field, unsigned digits, unsigned lanes) {
  return digits > 0 && digits <= lanes && field.scale >= 0 &&
         static_cast<unsigned>(field.scale) < digits;
}

template <SignPlace kSign>
KernelChoice choose_zoned(const condition::Field& field) {
  const unsigned digits = digits_stored(field);
  if (field.blank_when_zero) return {};
  if (fits(field, digits, kNarrowDigits))
    return number<write_zoned<kSign>>(DetailKind::sign, digits);
  if (fits(field, digits, kWideDigits))
    return number<write_zoned_wide<kSign>>(DetailKind::sign, digits);
  return {};
}

KernelChoice choose_zoned(const condition::Field& field) {
  switch (field.sign) {
    case SignPlace::none:
    case SignPlace::trailing:
      return choose_zoned<SignPlace::trailing>(field);
    case SignPlace::leading:
      return choose_zoned<SignPlace::leading>(field);
    case SignPlace::trailing_separate:
      return choose_zoned<SignPlace::trailing_separate>(field);
    case SignPlace::leading_separate:
      return choose_zoned<SignPlace::leading_separate>(field);
  }
  return {};
}

template <bool kHasSign>
KernelChoice choose_packed(const condition::Field& field) {
  const unsigned digits = digits_stored(field);
  if (fits(field, digits, kNarrowDigits))
    return number<write_packed<kHasSign>>(DetailKind::none, digits);
  if (fits(field, digits, kWideDigits))
    return number<write_packed_wide<kHasSign>>(DetailKind::none, digits);
  return {};
}

template <bool kLittle>
KernelChoice choose_binary(const condition::Field& field) {
  if (field.size == 0 || field.size > 8) return {};
  if (field.size <= 3 && fits(field, kShortBinaryDigits, kNarrowDigits))
    return number<write_binary_short<kLittle>>(DetailKind::none, kShortBinaryDigits);
  if (fits(field, kNarrowDigits, kNarrowDigits))
    return number<write_binary<kLittle>>(DetailKind::none, kNarrowDigits);
  return {};
}

}  // namespace

KernelChoice choose_avx512(const condition::Field& field, const Shape& shape) {
  const bool is_little = field.little_endian && field.usage == Usage::native_binary;
  if (!field.is_numeric())
    return field.usage == Usage::display && shape.is_plain_page ? choose_avx512_text(shape.cut)
                                                                : KernelChoice{};
  if (field.usage == Usage::display) return choose_zoned(field);
  if (field.usage == Usage::packed) return choose_packed<true>(field);
  if (field.usage == Usage::unsigned_packed) return choose_packed<false>(field);
  if (field.usage == Usage::binary || field.usage == Usage::native_binary)
    return is_little ? choose_binary<true>(field) : choose_binary<false>(field);
  return {};
}

}  // namespace copybridge::plan

#else

namespace copybridge::plan {

KernelChoice choose_avx512(const condition::Field& /*field*/, const Shape& /*shape*/) { return {}; }

}  // namespace copybridge::plan

#endif
