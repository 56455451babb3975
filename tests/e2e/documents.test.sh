#!/usr/bin/env bash
# What is generated from code says what the code says: configuration reference, man page, completion.
set -euo pipefail
cd "$(dirname "$0")/../.."
renkei=${RENKEI_BUILD:-build/ci}/renkei
diff <("$renkei" config reference) <(sed -n '/^| Setting/,$p' docs/configuration.md) || { echo "docs/configuration.md is not what renkei config reference prints"; exit 1; }
"$renkei" man | grep -q '^\.SS "renkei mail send"'
bash -n <("$renkei" completion bash)
words=$(bash -c "source <($renkei completion bash); COMP_WORDS=(renkei connections ''); COMP_CWORD=2; _renkei; echo \${COMPREPLY[*]}")
[[ " $words " == *" check "* ]] || { echo "completion of 'renkei connections' gives: $words"; exit 1; }
for readme in README.md README.ja.md; do
    for link in $(grep -oE '\]\([^)#]+\)' $readme | tr -d '()]' | grep -v '^http'); do [ -e "$link" ] || { echo "$readme links to $link, which is not there"; exit 1; }; done
done
