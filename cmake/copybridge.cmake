# How every target of the project is built: warnings, sanitizers, libraries and tests.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)

add_library(copybridge_flags INTERFACE)
# The codec's libraries are installed; programs that link them have warnings of their own.
set(warnings -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wswitch-enum -Werror)
target_compile_options(copybridge_flags INTERFACE "$<BUILD_INTERFACE:${warnings}>")
target_include_directories(copybridge_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
target_link_libraries(copybridge_flags INTERFACE Threads::Threads)
if(COPYBRIDGE_SANITIZE)
  target_compile_options(copybridge_flags INTERFACE
    -fsanitize=${COPYBRIDGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(copybridge_flags INTERFACE -fsanitize=${COPYBRIDGE_SANITIZE})
endif()
if(COPYBRIDGE_FUZZERS)
  target_compile_options(copybridge_flags INTERFACE -fsanitize=fuzzer-no-link)
  # The library's own main programs carry no fuzzer; they still need its coverage hooks.
  target_link_options(copybridge_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# copybridge_library(NAME SOURCES a.cc … LINKS target …)
function(copybridge_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC copybridge_flags ${arg_LINKS})
endfunction()

# copybridge_test(NAME GROUP unit|conformance|faults|peers SOURCES a_test.cc … LINKS target …)
# Each TEST of the executable is a ctest of its own, labelled with the group. FIXTURE name filter …:
# the tests that the filter of GoogleTest takes need that fixture of ctest.
function(copybridge_test name)
  cmake_parse_arguments(arg "" "GROUP;TIMEOUT" "SOURCES;LINKS;FIXTURE" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE
    copybridge_flags ${arg_LINKS} copybridge_test_paths GTest::gmock GTest::gtest_main)
  set(discover ${name} DISCOVERY_MODE PRE_TEST WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
  set(properties LABELS ${arg_GROUP} TIMEOUT ${arg_TIMEOUT})
  if(NOT arg_FIXTURE)
    gtest_discover_tests(${discover} PROPERTIES ${properties})
    return()
  endif()
  while(arg_FIXTURE)
    list(POP_FRONT arg_FIXTURE fixture filter)
    list(APPEND filters ${filter})
    gtest_discover_tests(${discover} TEST_FILTER ${filter} TEST_LIST ${name}_with_${fixture}
      PROPERTIES ${properties} FIXTURES_REQUIRED ${fixture})
  endwhile()
  list(JOIN filters : filters)
  gtest_discover_tests(${discover} TEST_FILTER -${filters} TEST_LIST ${name}_without
    PROPERTIES ${properties})
endfunction()

# copybridge_fuzz(NAME SOURCES a_fuzz.cc LINKS target …)
# The source defines LLVMFuzzerTestOneInput. Without libFuzzer it is linked with a main that
# replays tests/fuzz/seeds/NAME, so that every build runs the seeds.
function(copybridge_fuzz name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  set(seeds ${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${name})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE copybridge_flags ${arg_LINKS})
  if(COPYBRIDGE_FUZZERS)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz.${name} COMMAND ${name} -runs=0 ${seeds})
  else()
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cc)
    add_test(NAME fuzz.${name} COMMAND ${name} ${seeds})
  endif()
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endfunction()
