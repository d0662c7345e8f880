# What every room of the tree shares: warnings, sanitizers, packages, and one function that declares a room.
#
#   lapidary_room(core_source SOURCES A.cpp B.cpp PUBLIC core_support PRIVATE tree_sitter_python)
#
# MLIR marks the rooms that see LLVM and MLIR; every other room must build without either installed.

find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Threads REQUIRED)

add_library(lapidary_flags INTERFACE)
target_include_directories(lapidary_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(lapidary_flags INTERFACE -Wall -Wextra -Wno-unused-parameter)
target_compile_definitions(lapidary_flags INTERFACE LAPIDARY_VERSION="${PROJECT_VERSION}")
if(LAPIDARY_SANITIZE)
  target_compile_options(lapidary_flags INTERFACE -fsanitize=${LAPIDARY_SANITIZE}
                                                  -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(lapidary_flags INTERFACE -fsanitize=${LAPIDARY_SANITIZE})
endif()

if(LAPIDARY_COMPILER)
  find_package(MLIR REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/mlir)
  find_package(LLD REQUIRED CONFIG HINTS /usr/lib/llvm-22/lib/cmake/lld)
  list(APPEND CMAKE_MODULE_PATH "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
  include(TableGen)
  include(AddLLVM)
  include(AddMLIR)
  separate_arguments(LLVM_DEFINITIONS_LIST NATIVE_COMMAND ${LLVM_DEFINITIONS})
  add_library(lapidary_mlir_flags INTERFACE)
  target_include_directories(lapidary_mlir_flags SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_definitions(lapidary_mlir_flags INTERFACE ${LLVM_DEFINITIONS_LIST})
  # One copy of MLIR in a program: rooms marked MLIR get it here, and list no MLIR or LLVM library.
  target_link_libraries(lapidary_mlir_flags INTERFACE MLIR LLVM)
  # MLIR headers are noisy under -Wextra, and their debug information alone would fill the disk.
  target_compile_options(lapidary_mlir_flags INTERFACE -g0 -O1 -Wno-extra -Wno-comment)
endif()

# The rooms among the given libraries that this configuration leaves out. Where nothing is left out, a
# room that is missing is a mistake and the linker says so.
function(lapidary_missing_rooms OUT)
  set(missing)
  if(NOT LAPIDARY_COMPILER OR NOT LAPIDARY_GUI)
    foreach(library ${ARGN})
      if(library MATCHES "^(core_|backend_|backends$|ui_|tt_)" AND NOT TARGET ${library})
        list(APPEND missing ${library})
      endif()
    endforeach()
  endif()
  set(${OUT} ${missing} PARENT_SCOPE)
endfunction()

function(lapidary_room NAME)
  cmake_parse_arguments(ROOM "MLIR" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  lapidary_missing_rooms(missing ${ROOM_PUBLIC} ${ROOM_PRIVATE})
  if(ROOM_MLIR AND NOT LAPIDARY_COMPILER)
    list(APPEND missing MLIR)
  endif()
  if(missing)
    message(STATUS "${NAME} is left out: it needs ${missing}")
    return()
  endif()
  add_library(${NAME} STATIC ${ROOM_SOURCES})
  target_link_libraries(${NAME} PUBLIC lapidary_flags ${ROOM_PUBLIC} PRIVATE ${ROOM_PRIVATE})
  if(ROOM_MLIR)
    target_link_libraries(${NAME} PRIVATE lapidary_mlir_flags)
  endif()
endfunction()
