# The few functions every CMakeLists.txt here is made of.

option(TANDEM_TESTS "Build the tests" ON)
option(TANDEM_FUZZ "Build the libFuzzer programs (clang)" OFF)
option(TANDEM_PRECOMPILE "Parse the headers of cmake/precompiled once; not with clang, whose result holds for one folder only" ON)
set(TANDEM_UNITY 8 CACHE STRING "How many files of a library are compiled as one; 0: each alone, which is quicker when one changed")
set(TANDEM_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

# `out << json` would compile nlohmann's writer wherever it stands, past core/config/json_text.cpp. Tests may.
set(tandem_no_json_streams JSON_NO_IO)

# -DCCACHE= does without. So does a machine where it cannot write its cache, which only a compilation tells.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  execute_process(COMMAND ${CCACHE} ${CMAKE_CXX_COMPILER} -c ${CMAKE_SOURCE_DIR}/cmake/precompiled/empty.cpp -o ${CMAKE_BINARY_DIR}/ccache.o
    RESULT_VARIABLE ccache_failed OUTPUT_QUIET ERROR_QUIET)
  if(NOT ccache_failed)
    set(tandem_ccache CCACHE_NOHASHDIR=1 CCACHE_NAMESPACE=tandem-2 CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env ${tandem_ccache})
  endif()
endif()

add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wswitch-enum -Werror=return-type)
# Debian 12's compilers give no warning, and it stays so. With another, warnings are to be read and do not stop a user's build.
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12\\." OR
   CMAKE_CXX_COMPILER_ID STREQUAL Clang AND CMAKE_CXX_COMPILER_VERSION MATCHES "^14\\.")
  set(CMAKE_COMPILE_WARNING_AS_ERROR ON)  # cmake --compile-no-warning-as-error: not so
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # False alarms of GCC 12: on std::string (its bug 105329 and its kin; the sanitizers judge bounds), and on Asio's frames of coroutines.
  add_compile_options(-Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread -Wno-mismatched-new-delete)
endif()
if(CMAKE_BUILD_TYPE STREQUAL Release)
  set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
else()
  add_compile_options(-g1)
endif()
if(TANDEM_SANITIZE)
  add_compile_options(-fsanitize=${TANDEM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TANDEM_SANITIZE})
endif()
if(TANDEM_FUZZ)
  # clang 14 cannot emit the function sanitizer's prologue in a coroutine ("difference across sections").
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=function)
endif()

# tandem_keep_reports(FOLDER): what the sanitizers say of any program made below FOLDER is kept in build/PRESET/sanitizer, where scripts/test
# looks for it. To be called last. Fuzzers keep their own.
function(tandem_keep_reports folder)
  if(NOT TANDEM_SANITIZE OR TANDEM_FUZZ)
    return()
  endif()
  if(NOT TARGET tandem-sanitizer-report)
    set(reports ${CMAKE_BINARY_DIR}/sanitizer)
    file(MAKE_DIRECTORY ${reports})
    file(CHMOD ${reports} PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_WRITE GROUP_EXECUTE WORLD_READ WORLD_WRITE WORLD_EXECUTE)
    add_library(tandem-sanitizer-report OBJECT ${CMAKE_SOURCE_DIR}/cmake/sanitizer_report.cpp)
    target_compile_definitions(tandem-sanitizer-report PRIVATE TANDEM_SANITIZER_REPORTS="${reports}")
  endif()
  get_property(targets DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target ${targets})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL EXECUTABLE)
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:tandem-sanitizer-report>)
    endif()
  endforeach()
  get_property(subfolders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  foreach(subfolder ${subfolders})
    tandem_keep_reports(${subfolder})
  endforeach()
endfunction()

# tandem_precompiled(NAME [DEFINITIONS X...]): cmake/precompiled/NAME.hpp, parsed once for all targets that tandem_precompile() it. The
# compiler refuses it for a target with macros that it was not parsed with.
function(tandem_precompiled name)
  if(NOT TANDEM_PRECOMPILE)
    return()
  endif()
  cmake_parse_arguments(arg "" "" "DEFINITIONS" ${ARGN})
  add_library(tandem-precompiled-${name} OBJECT ${CMAKE_SOURCE_DIR}/cmake/precompiled/empty.cpp)
  target_include_directories(tandem-precompiled-${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(tandem-precompiled-${name} PRIVATE ${arg_DEFINITIONS})
  target_precompile_headers(tandem-precompiled-${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled/${name}.hpp)
  if(tandem_ccache)
    # By its headers' bytes, not by their preprocessed text: that has neither macros nor comments, so a changed header gave an old result.
    set_target_properties(tandem-precompiled-${name} PROPERTIES
      CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_DEPEND=1;${tandem_ccache}")
  endif()
endfunction()

function(tandem_precompile target name)
  if(TANDEM_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM tandem-precompiled-${name})
  endif()
endfunction()

# tandem_library(NAME SOURCES a.cpp... LINKS target... [ALONE b.cpp...] [PRECOMPILED json]): a static library, tandem::NAME; includes
# from the repository root. ALONE: files that are never compiled as one with others (TANDEM_UNITY), as their private names are those
# of another file too. PRECOMPILED: a larger header of cmake/precompiled than standard.hpp, where most files include what it has.
function(tandem_library name)
  cmake_parse_arguments(arg "" "PRECOMPILED" "SOURCES;ALONE;LINKS" ${ARGN})
  add_library(tandem-${name} STATIC ${arg_SOURCES} ${arg_ALONE})
  if(TANDEM_UNITY)
    set_target_properties(tandem-${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${TANDEM_UNITY})
    # In a file that another includes, a type without linkage in a coroutine's frame is taken for a mistake.
    target_compile_options(tandem-${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
    set_source_files_properties(${arg_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
  add_library(tandem::${name} ALIAS tandem-${name})
  set_target_properties(tandem-${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(tandem-${name} PUBLIC $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}>
    $<INSTALL_INTERFACE:include/tandem>)
  target_compile_definitions(tandem-${name} PRIVATE ${tandem_no_json_streams})
  target_link_libraries(tandem-${name} PUBLIC ${arg_LINKS})
  if(NOT arg_PRECOMPILED)
    set(arg_PRECOMPILED standard)
  endif()
  tandem_precompile(tandem-${name} ${arg_PRECOMPILED})
endfunction()

# tandem_program(NAME [STATIC] SOURCES main.cpp... LINKS target... PACKAGE tandem|helpers [DESTINATION bin] [PAGES --generate]): an installed
# program, in build/PRESET/bin. PACKAGE: the component, and so the Debian package (cmake/debian). PAGES: see tandem_pages.
# STATIC links everything statically, but for sanitizer builds, which cannot. Position-independent: the kernel places it at random,
# and a first exception need not sort all unwind tables (2 ms), as it does in a plain static program of gcc 12.
# The list build/PRESET/programs is for those who look at them: bin may still have one that was renamed or removed.
add_custom_target(programs)
file(WRITE ${CMAKE_BINARY_DIR}/programs "")
function(tandem_program name)
  cmake_parse_arguments(arg "STATIC" "DESTINATION;PACKAGE;PAGES" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE ${tandem_no_json_streams})
  target_link_libraries(${name} PRIVATE ${arg_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  target_link_options(${name} PRIVATE $<$<CONFIG:Release>:-s>)
  if(arg_STATIC AND NOT TANDEM_SANITIZE)
    # getaddrinfo and the like in libnl: never called.
    target_link_options(${name} PRIVATE -static-pie LINKER:--no-warnings)
  endif()
  if(NOT arg_DESTINATION)
    set(arg_DESTINATION bin)
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION ${arg_DESTINATION} COMPONENT ${arg_PACKAGE})
  if(arg_PAGES)
    tandem_pages(${name} ${arg_PACKAGE} ${arg_PAGES})
  endif()
  add_dependencies(programs ${name})
  file(APPEND ${CMAKE_BINARY_DIR}/programs "${name}\n")
endfunction()

# tandem_pages(NAME PACKAGE WORD): man page and completions, as `NAME WORD man`, `... completion-bash` and `... completion-zsh` print them.
function(tandem_pages name package word)
  if(TANDEM_SANITIZE)
    return()
  endif()
  set(pages ${CMAKE_BINARY_DIR}/pages)
  file(MAKE_DIRECTORY ${pages})
  add_custom_command(OUTPUT ${pages}/${name}.1.gz ${pages}/${name} ${pages}/_${name}
    COMMAND ${name} ${word} man > ${pages}/${name}.1 && gzip -9nf ${pages}/${name}.1
    COMMAND ${name} ${word} completion-bash > ${pages}/${name}
    COMMAND ${name} ${word} completion-zsh > ${pages}/_${name}
    DEPENDS ${name} VERBATIM)
  add_custom_target(${name}-pages ALL DEPENDS ${pages}/${name}.1.gz)
  add_dependencies(programs ${name}-pages)
  install(FILES ${pages}/${name}.1.gz DESTINATION share/man/man1 COMPONENT ${package})
  install(FILES ${pages}/${name} DESTINATION share/bash-completion/completions COMPONENT ${package})
  install(FILES ${pages}/_${name} DESTINATION share/zsh/vendor-completions COMPONENT ${package})
endfunction()

# tandem_test_library(NAME SOURCES a.cpp... [LINKS target...]): tandem-NAME, for several tests.
function(tandem_test_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  add_library(tandem-${name} STATIC ${arg_SOURCES})
  target_include_directories(tandem-${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_compile_definitions(tandem-${name} PRIVATE TANDEM_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TANDEM_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(tandem-${name} PUBLIC ${arg_LINKS} Catch2::Catch2)
  tandem_precompile(tandem-${name} catch)
endfunction()

# tandem_test(NAME SOURCES a.cpp... LINKS target... [LABELS unit] [SKIPS] [PARTS a.cpp|a...] [COST 10]): a Catch2 program that CTest
# runs as NAME. SKIPS: it has a reason_to_skip() (tests/support/skip.hpp) and may end with 77, "skipped".
# PARTS: the cases of the source a.cpp, or those with the tag [a], run as NAME-a, beside NAME, which has all that are in no part:
# a long program does not keep one processor waiting. COST: about how many seconds NAME and each part take; the longest start first.
function(tandem_test name)
  cmake_parse_arguments(arg "SKIPS" "TIMEOUT;COST" "SOURCES;LINKS;LABELS;PARTS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE TANDEM_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TANDEM_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LINKS} tandem-test-main Catch2::Catch2)
  if(arg_SKIPS)
    target_link_libraries(${name} PRIVATE tandem-test-support)
  endif()
  tandem_precompile(${name} catch)
  # With --filenames-as-tags a case in a.cpp has the tag [#a]. Each part leaves out what is in one before it, and NAME takes what is
  # left, so that every case runs once; but those hidden with [.]. One without a case fails.
  set(tests ${name})
  set(left "~[.]")
  foreach(part ${arg_PARTS})
    string(REGEX REPLACE "^(.*)\\.cpp$" "#\\1" tag ${part})
    string(REPLACE "#" "" part ${tag})
    add_test(NAME ${name}-${part} COMMAND ${name} --filenames-as-tags "[${tag}]${left}")
    list(APPEND tests ${name}-${part})
    string(APPEND left "~[${tag}]")
  endforeach()
  add_test(NAME ${name} COMMAND ${name} --filenames-as-tags "${left}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(NOT arg_COST)
    set(arg_COST 0)
  endif()
  set_tests_properties(${tests} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} COST ${arg_COST})
  if(arg_SKIPS)
    set_tests_properties(${tests} PROPERTIES SKIP_RETURN_CODE 77)
  endif()
endfunction()

# tandem_fuzzer(NAME SOURCES fuzz.cpp LINKS target...): with TANDEM_FUZZ a libFuzzer program; otherwise a program that replays
# the files of tests/fuzz/corpus/NAME under whatever sanitizers are on.
# The list build/PRESET/fuzzers is like that of programs.
add_custom_target(fuzzers)
file(WRITE ${CMAKE_BINARY_DIR}/fuzzers "")
function(tandem_fuzzer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS" ${ARGN})
  set(corpus ${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name})
  if(TANDEM_FUZZ)
    add_executable(fuzz-${name} ${arg_SOURCES})
    target_link_options(fuzz-${name} PRIVATE -fsanitize=fuzzer)
  else()
    add_executable(fuzz-${name} ${arg_SOURCES} ${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp)
    add_test(NAME fuzz-corpus-${name} COMMAND fuzz-${name} ${corpus})
    set_tests_properties(fuzz-corpus-${name} PROPERTIES LABELS unit TIMEOUT 120)
  endif()
  target_include_directories(fuzz-${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(fuzz-${name} PRIVATE ${arg_LINKS})
  set_target_properties(fuzz-${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  add_dependencies(fuzzers fuzz-${name})
  file(APPEND ${CMAKE_BINARY_DIR}/fuzzers "fuzz-${name}\n")
endfunction()
