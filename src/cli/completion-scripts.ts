// Completion scripts for three shells, made of the specs of all commands. Pure. Nothing of a vault but safe names is ever offered.
import type { CommandSpec, FlagSpec, Place } from './completion-spec.ts';

export type Specs = { readonly commands: readonly CommandSpec[]; readonly globals: readonly FlagSpec[]; readonly runbooks: readonly string[] };

export const shells: Readonly<Record<string, (specs: Specs) => string>> = { bash, zsh, fish };

/** Names of cases are only offered when they are what Firebreak itself calls a case: a folder may be called anything. */
const caseName = '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$';

function bash({ commands, globals, runbooks }: Specs): string {
  const taking = [...globals, ...commands.flatMap(({ flags }) => flags)].filter(({ name, flag }) => flag !== 'switch' && name !== 'vault');
  const all = [...new Set(taking.map(({ name }) => `--${name}`))];
  const names = commands.map(({ name }) => name);
  const values = [
    ...globals.map((flag) => [`*' --${flag.name}'`, flag] as const),
    ...commands.flatMap(({ name, flags }) => flags.map((flag) => [`'${name} --${flag.name}'`, flag] as const)),
  ];
  return `# firebreak completion for bash. In ~/.bashrc: eval "$(firebreak completion bash)"
_firebreak_words() { local word; for word in $1; do [[ $word == "$cur"* ]] && COMPREPLY+=("$word"); done; }
_firebreak_files() { local path; while IFS= read -r path; do COMPREPLY+=("$path"); done < <(compgen -f -- "$cur"); }
_firebreak_cases() {
  local trail id
  for trail in "$vault"/*/trail.jsonl; do
    id=\${trail%/trail.jsonl}; id=\${id##*/}
    [[ $id =~ ${caseName} && $id == "$cur"* ]] && COMPREPLY+=("$id")
  done
}
_firebreak() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= vault=./evidence place=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      --vault) i=$((i + 1)); vault=\${COMP_WORDS[i]/#\\~/$HOME} ;;
      ${all.join('|')}) i=$((i + 1)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=\${COMP_WORDS[i]}; else place=$((place + 1)); fi ;;
    esac
  done
  case "$command $prev" in
${values
  .filter(([, { flag }]) => flag !== 'switch')
  .map(([pattern, { place }]) => `    ${pattern}) ${bashPlace(place, runbooks)}; return ;;`)
  .join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map(({ name, flags }) => `      ${name}) _firebreak_words '${flags.map((flag) => `--${flag.name}`).join(' ')}' ;;`).join('\n')}
    esac
    _firebreak_words '${globals.map(({ name }) => `--${name}`).join(' ')}'
    return
  fi
  case "$command $place" in
    ' 0') _firebreak_words '${[...names, 'help'].join(' ')}' ;;
    'help 0') _firebreak_words '${names.join(' ')}' ;;
${commands.flatMap(({ name, places }) => places.map((place, at) => `    '${name} ${at}') ${bashPlace(place, runbooks)} ;;`)).join('\n')}
  esac
}
complete -F _firebreak firebreak`;
}

function bashPlace(place: Place, runbooks: readonly string[]): string {
  switch (place.kind) {
    case 'words':
      return `_firebreak_words '${place.words.join(' ')}'`;
    case 'runbook':
      return `_firebreak_words '${runbooks.join(' ')}'`;
    case 'case':
      return '_firebreak_cases';
    case 'file':
      return '_firebreak_files';
    case 'free':
      return ':';
  }
}

/** zsh runs the bash one through its own bridge. */
function zsh(specs: Specs): string {
  return `# firebreak completion for zsh. In ~/.zshrc, after compinit: eval "$(firebreak completion zsh)"
autoload -U +X bashcompinit && bashcompinit
${bash(specs).split('\n').slice(1).join('\n')}`;
}

function fish({ commands, globals, runbooks }: Specs): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", String.raw`\'`)}'`;
  const offer = (place: Place): string => {
    if (place.kind === 'file') return '-F';
    const words = place.kind === 'words' ? place.words.join(' ') : place.kind === 'runbook' ? runbooks.join(' ') : place.kind === 'case' ? '(__firebreak_cases)' : '';
    return words === '' ? '-f' : `-f -a ${quoted(words)}`;
  };
  const flagLine = (when: string, { name, flag, place }: FlagSpec): string => `complete -c firebreak${when} -l ${name}${flag === 'switch' ? '' : ` -r ${offer(place)}`}`;
  const names = commands.map(({ name }) => name).join(' ');
  return `# firebreak completion for fish: firebreak completion fish > ~/.config/fish/completions/firebreak.fish
function __firebreak_cases
  set -l vault ./evidence
  set -l words (commandline -opc)
  for i in (seq (count $words))
    if test "$words[$i]" = --vault; and test $i -lt (count $words)
      set vault $words[(math $i + 1)]
    end
  end
  for trail in $vault/*/trail.jsonl
    set -l id (string replace -r '.*/([^/]+)/trail.jsonl$' '$1' -- $trail)
    string match -qr ${quoted(caseName)} -- $id; and echo $id
  end
end
complete -c firebreak -f
${globals.map((flag) => flagLine('', flag)).join('\n')}
${commands
  .flatMap(({ name, summary, places, flags }) => {
    const seen = ` -n ${quoted(`__fish_seen_subcommand_from ${name}`)}`;
    const [first] = places;
    return [
      `complete -c firebreak -n ${quoted(`not __fish_seen_subcommand_from ${names}`)} -f -a ${name} -d ${quoted(summary)}`,
      ...(first === undefined || first.kind === 'free' ? [] : [`complete -c firebreak${seen} ${offer(first)}`]),
      ...flags.map((flag) => flagLine(seen, flag)),
    ];
  })
  .join('\n')}`;
}
