# How every part of Baton is compiled, and three words for the CMakeLists of its folders:
#   baton_library(name [COLD] DEPS ...)    all .cc and .h files of this folder
#   baton_connector(name DEPS ...)  the same, and its entry in the registry
#   baton_test(name DEPS ...)       all .cc files of this folder, or SOURCES, as one GoogleTest program

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(cpprestsdk REQUIRED)
find_package(date REQUIRED)
find_package(pugixml REQUIRED)

set(BATON_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")
option(BATON_MUTANTS "Compile the deliberate faults in (gateway/base/mutant.h); never shipped" OFF)

# Only what bears a mutant is compiled differently: all else comes out of the compiler's cache.
function(baton_mutants)
  foreach(source ${ARGN})
    file(STRINGS ${source} bears REGEX "BATON_MUTANT\\(" LIMIT_COUNT 1)
    if(bears)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS BATON_MUTANTS)
    endif()
  endforeach()
endfunction()

add_library(baton_options INTERFACE)
target_include_directories(baton_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(baton_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror -Wshadow -Wnon-virtual-dtor -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  -fno-omit-frame-pointer)
target_compile_definitions(baton_options INTERFACE
  BOOST_ASIO_HAS_CO_AWAIT=1 BOOST_ASIO_HAS_STD_COROUTINE=1 BOOST_ASIO_NO_DEPRECATED
  _TURN_OFF_PLATFORM_STRING SPDLOG_FMT_EXTERNAL)
target_link_libraries(baton_options INTERFACE Threads::Threads)
if(BATON_SANITIZE)
  target_compile_options(baton_options INTERFACE -fsanitize=${BATON_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(baton_options INTERFACE -fsanitize=${BATON_SANITIZE})
endif()
# A null pointer ends the process by itself, and the address sanitizer shows where; a misaligned access is none on
# the machines that we run on. These checks stand at every access and cost as much as all others.
if(BATON_SANITIZE MATCHES undefined)
  target_compile_options(baton_options INTERFACE -fno-sanitize=null,alignment,vptr,object-size)
endif()

# Heavy headers are parsed once. Clang notes the time of a precompiled header unless told not to,
# which would defeat ccache.
add_library(baton_pch STATIC ${PROJECT_SOURCE_DIR}/deploy/cmake/pch.cc)
target_link_libraries(baton_pch PUBLIC baton_options)
target_precompile_headers(baton_pch PRIVATE ${PROJECT_SOURCE_DIR}/deploy/cmake/pch.h)
set(BATON_PCH_OPTIONS $<$<CXX_COMPILER_ID:Clang>:-Xclang> $<$<CXX_COMPILER_ID:Clang>:-fno-pch-timestamp>)
target_compile_options(baton_pch PRIVATE ${BATON_PCH_OPTIONS})

# Tests have one of their own, with GoogleTest in it. Under a sanitizer they are compiled without
# optimisation, without lines in a sanitizer's traces and without the checks for undefined behaviour: what they
# test keeps all that, and their own long bodies took most of the build.
if(BATON_TESTS)
  find_package(GTest REQUIRED)
  add_library(baton_test_pch STATIC ${PROJECT_SOURCE_DIR}/deploy/cmake/pch.cc)
  target_link_libraries(baton_test_pch PUBLIC baton_options GTest::gmock)
  target_precompile_headers(baton_test_pch PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/pch.h)
  set(BATON_TEST_OPTIONS ${BATON_PCH_OPTIONS})
  set(BATON_COLD_OPTIONS ${BATON_PCH_OPTIONS})
  if(BATON_SANITIZE)
    list(APPEND BATON_COLD_OPTIONS -O0)
    list(APPEND BATON_TEST_OPTIONS -O0 -g0 -fno-sanitize=undefined)
  endif()
  target_compile_options(baton_test_pch PRIVATE ${BATON_TEST_OPTIONS})
endif()

# One thread makes a request's values, another frees them. A sanitizer brings an allocator of its own.
find_library(BATON_ALLOCATOR jemalloc REQUIRED)
function(baton_program target)
  if(NOT BATON_SANITIZE)
    target_link_libraries(${target} PRIVATE ${BATON_ALLOCATOR})
  endif()
endfunction()

function(baton_common target)
  target_compile_options(${target} PRIVATE ${BATON_PCH_OPTIONS})
  target_precompile_headers(${target} REUSE_FROM baton_pch)
endfunction()

# What is large and seldom runs hot: under a sanitizer it is compiled as quickly as possible, like the tests.
function(baton_cold target)
  if(BATON_TESTS AND BATON_SANITIZE)
    baton_quick(${target} ${BATON_COLD_OPTIONS})
  else()
    baton_common(${target})
  endif()
endfunction()

function(baton_quick target)  # baton_quick(target OPTIONS ...)
  target_compile_options(${target} PRIVATE ${ARGN})
  target_link_libraries(${target} PRIVATE GTest::gmock)  # its precompiled header names it
  target_precompile_headers(${target} REUSE_FROM baton_test_pch)
endfunction()

function(baton_library name)
  cmake_parse_arguments(ARG "COLD" "" "DEPS;EXCLUDE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
  foreach(excluded ${ARG_EXCLUDE})
    string(REGEX REPLACE "cc$" "h" excluded_header ${excluded})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
    list(REMOVE_ITEM headers ${CMAKE_CURRENT_SOURCE_DIR}/${excluded_header})
  endforeach()
  if(NOT sources)
    set(sources ${PROJECT_SOURCE_DIR}/deploy/cmake/pch.cc)  # a folder of headers
  endif()
  if(BATON_MUTANTS)
    baton_mutants(${sources})
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC baton_options ${ARG_DEPS})
  # Each header must compile alone: build the target all_verify_interface_header_sets.
  set_target_properties(${name} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
  if(headers)
    target_sources(${name} PUBLIC FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${headers})
  endif()
  if(ARG_COLD)
    baton_cold(${name})
  else()
    baton_common(${name})
  endif()
endfunction()

# A connector is its folder without the simulator, which is the vendor and not ours.
function(baton_connector name)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  file(GLOB simulator_sources RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} CONFIGURE_DEPENDS
    ${CMAKE_CURRENT_SOURCE_DIR}/simulator*.cc)
  baton_library(baton_connector_${name} COLD DEPS baton_sdk ${ARG_DEPS} EXCLUDE ${simulator_sources})
  set_property(GLOBAL APPEND PROPERTY BATON_CONNECTORS ${name})
  if(simulator_sources)
    add_library(baton_simulator_${name} STATIC ${simulator_sources})
    target_link_libraries(baton_simulator_${name} PUBLIC baton_simulation)
    # The vendor is no more ours than a test is.
    if(BATON_TESTS AND BATON_SANITIZE)
      baton_quick(baton_simulator_${name} ${BATON_TEST_OPTIONS})
    else()
      baton_common(baton_simulator_${name})
    endif()
    set_property(GLOBAL APPEND PROPERTY BATON_SIMULATORS ${name})
  endif()
endfunction()

function(baton_test name)
  cmake_parse_arguments(ARG "" "" "DEPS;SOURCES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(ARG_SOURCES)
    set(sources ${ARG_SOURCES})
  endif()
  if(NOT sources)
    return()  # a room that is still empty
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE baton_options ${ARG_DEPS} baton_test_support GTest::gtest_main)
  if(NOT BATON_TEST_TREE)
    set(BATON_TEST_TREE ${PROJECT_SOURCE_DIR})
  endif()
  target_compile_definitions(${name} PRIVATE BATON_SOURCE_DIR="${BATON_TEST_TREE}")
  baton_quick(${name} ${BATON_TEST_OPTIONS})
  set_property(GLOBAL APPEND PROPERTY BATON_TESTS ${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
