// copybridge's codec for C and every language that can call it: records described by a COBOL
// copybook to JSON Lines, and back. All texts are UTF-8. No function throws; every object is freed
// by its own function, which takes NULL.
#ifndef COPYBRIDGE_CODEC_H
#define COPYBRIDGE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define COPYBRIDGE_API __attribute__((visibility("default")))
#else
#define COPYBRIDGE_API
#endif

/* A copybook compiled with its options; used from any number of threads. */
typedef struct copybridge_codec copybridge_codec;
/* One stream of records on its way; for one thread at a time, and not beyond its codec. */
typedef struct copybridge_decoder copybridge_decoder;
/* One stream of JSON Lines on its way back to records; likewise. */
typedef struct copybridge_encoder copybridge_encoder;

/* NOLINTBEGIN(readability-identifier-naming): names as C has them. */
enum copybridge_status {
  COPYBRIDGE_OK = 0,
  COPYBRIDGE_BAD_RECORD = 1,  /* a record or its JSON does not fit; the message says why */
  COPYBRIDGE_BAD_FRAMING = 2, /* records cannot be told apart from here on */
  COPYBRIDGE_BUFFER_TOO_SMALL = 3,
  COPYBRIDGE_BAD_ARGUMENT = 4, /* a NULL that must not be */
  COPYBRIDGE_NO_MEMORY = 5
};
/* NOLINTEND(readability-identifier-naming) */

/* `0.1.0`; of the library that is loaded. */
COPYBRIDGE_API const char* copybridge_version(void);

/* Compiles a copybook. `options`: a YAML or JSON map of the keys of mapping files, of framing
 * and of encoding; may be empty. NULL where there are mistakes; where `mistakes` is not NULL,
 * *mistakes is then a text with a line for each, `copybook:3:12: error: ...`, to be freed by
 * copybridge_free_text. */
COPYBRIDGE_API copybridge_codec* copybridge_compile(const char* copybook, size_t copybook_size,
                                                    const char* options, size_t options_size,
                                                    char** mistakes);
COPYBRIDGE_API void copybridge_free(copybridge_codec* codec);
COPYBRIDGE_API void copybridge_free_text(char* text);

/* Decodes one record, without framing, into the caller's buffer: a JSON object, or with
 * COPYBRIDGE_BAD_RECORD why there is none; a NUL byte follows. *size is the text's, without the
 * NUL; with COPYBRIDGE_BUFFER_TOO_SMALL the buffer must have *size + 1 bytes. */
COPYBRIDGE_API int copybridge_decode_record(const copybridge_codec* codec, const uint8_t* record,
                                            size_t record_size, char* buffer, size_t capacity,
                                            size_t* size);

COPYBRIDGE_API copybridge_decoder* copybridge_decoder_new(const copybridge_codec* codec);
COPYBRIDGE_API void copybridge_decoder_free(copybridge_decoder* decoder);

/* Decodes the whole records of a piece of the stream. `is_end`: nothing follows it. *consumed bytes
 * are done with; the others are to be given again with more behind them. What came of it is asked
 * for by the functions below and stands until the next call. COPYBRIDGE_OK also where single
 * records were bad; COPYBRIDGE_BAD_FRAMING: what came before the fault was decoded. */
COPYBRIDGE_API int copybridge_decode(copybridge_decoder* decoder, const uint8_t* bytes, size_t size,
                                     int is_end, size_t* consumed);
/* JSON Lines; NUL-terminated. */
COPYBRIDGE_API const char* copybridge_json_lines(const copybridge_decoder* decoder, size_t* size);
/* Records that were framed. */
COPYBRIDGE_API uint64_t copybridge_record_count(const copybridge_decoder* decoder);
COPYBRIDGE_API size_t copybridge_error_count(const copybridge_decoder* decoder);
/* Why the index-th bad record was not decoded; *record is its number in the stream, from 1. NULL
 * where there is none. */
COPYBRIDGE_API const char* copybridge_error(const copybridge_decoder* decoder, size_t index,
                                            uint64_t* record);
/* Why framing broke; NULL where it did not. */
COPYBRIDGE_API const char* copybridge_framing_error(const copybridge_decoder* decoder);

/* NULL where records cannot be written with the codec's options; *mistakes is then as with
 * copybridge_compile. */
COPYBRIDGE_API copybridge_encoder* copybridge_encoder_new(const copybridge_codec* codec,
                                                          char** mistakes);
COPYBRIDGE_API void copybridge_encoder_free(copybridge_encoder* encoder);

/* Encodes the whole lines of a piece of JSON Lines and frames the records. `is_end`: nothing
 * follows it, the last line needs no end. *consumed characters are done with; the others are to be
 * given again with more behind them. What came of it is asked for by the functions below and stands
 * until the next call. COPYBRIDGE_OK also where single lines were no records. */
COPYBRIDGE_API int copybridge_encode(copybridge_encoder* encoder, const char* json_lines,
                                     size_t size, int is_end, size_t* consumed);
/* Encodes one JSON object to one record, without framing and apart from the stream.
 * COPYBRIDGE_BAD_RECORD: it is none, and copybridge_line_error(encoder, 0, NULL) says why. */
COPYBRIDGE_API int copybridge_encode_record(copybridge_encoder* encoder, const char* json,
                                            size_t size);
/* The framed records, or the one record; NULL where there are none. */
COPYBRIDGE_API const uint8_t* copybridge_records(const copybridge_encoder* encoder, size_t* size);
/* Records that were made; with blocks some may be held until theirs is full. */
COPYBRIDGE_API uint64_t copybridge_encoded_count(const copybridge_encoder* encoder);
COPYBRIDGE_API size_t copybridge_line_error_count(const copybridge_encoder* encoder);
/* Why the index-th bad line became no record; *line is its number in the stream, from 1. NULL where
 * there is none. */
COPYBRIDGE_API const char* copybridge_line_error(const copybridge_encoder* encoder, size_t index,
                                                 uint64_t* line);

#ifdef __cplusplus
}
#endif

#endif
