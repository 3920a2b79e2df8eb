export const TSCONFIG = {
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES2023'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    verbatimModuleSyntax: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
    noEmit: true,
  },
  include: ['roles', 'kinds', 'playbooks', 'policies', 'inventory', 'lab', 'test', '*.d.ts'],
}

export const ESLINT = `import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['.rolecall/', 'node_modules/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A resource that nobody awaits is not made.
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['test', 'suite', 'describe', 'it'] }] },
      ],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
    },
  },
)
`

export const GITIGNORE = `node_modules/
.rolecall/
*.plan
run.html
`

export const EDITORCONFIG = `root = true

[*]
charset = utf-8
end_of_line = lf
indent_style = space
indent_size = 2
insert_final_newline = true
trim_trailing_whitespace = true
`

export const VSCODE = {
  'typescript.tsdk': 'node_modules/typescript/lib',
  'editor.formatOnSave': true,
  'files.associations': { '*.plan': 'json' },
}

export const WORKFLOW = `# Posts the plan on a pull request, and applies that plan when it is merged.
#
# Secrets of the repository: ROLECALL_PLAN_KEY (openssl rand -hex 32), SSH_PRIVATE_KEY, KNOWN_HOSTS (ssh-keyscan HOSTS).
name: rolecall
on:
  pull_request:
  push:
    branches: [main]
permissions:
  contents: read
env:
  ROLECALL_PLAN_KEY: \${{ secrets.ROLECALL_PLAN_KEY }}
jobs:
  plan:
    if: github.event_name == 'pull_request'
    runs-on: ubuntu-latest
    permissions:
      contents: read
      pull-requests: write
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - run: npm run typecheck
      - run: npm run lint
      - run: npm test
      - name: Key and known hosts
        env:
          SSH_PRIVATE_KEY: \${{ secrets.SSH_PRIVATE_KEY }}
          KNOWN_HOSTS: \${{ secrets.KNOWN_HOSTS }}
        run: |
          install -d -m 700 ~/.ssh
          install -m 600 /dev/null ~/.ssh/id_ed25519
          printf '%s\\n' "$SSH_PRIVATE_KEY" > ~/.ssh/id_ed25519
          printf '%s\\n' "$KNOWN_HOSTS" > ~/.ssh/known_hosts
      - run: npx rolecall check site --out site.plan --expires 7d
      - run: npx rolecall plan show site.plan --markdown > plan.md
      - run: gh pr comment "$PR" --edit-last --create-if-none --body-file plan.md
        env:
          GH_TOKEN: \${{ github.token }}
          PR: \${{ github.event.pull_request.number }}
      - uses: actions/upload-artifact@v4
        with: { name: plan, path: site.plan }
  apply:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    concurrency: apply
    permissions:
      contents: read
      actions: read
      pull-requests: read
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with: { node-version: 22, cache: npm }
      - run: npm ci
      - name: Key and known hosts
        env:
          SSH_PRIVATE_KEY: \${{ secrets.SSH_PRIVATE_KEY }}
          KNOWN_HOSTS: \${{ secrets.KNOWN_HOSTS }}
        run: |
          install -d -m 700 ~/.ssh
          install -m 600 /dev/null ~/.ssh/id_ed25519
          printf '%s\\n' "$SSH_PRIVATE_KEY" > ~/.ssh/id_ed25519
          printf '%s\\n' "$KNOWN_HOSTS" > ~/.ssh/known_hosts
      - name: The plan that was approved
        env:
          GH_TOKEN: \${{ github.token }}
        run: |
          head=$(gh api "repos/$GITHUB_REPOSITORY/commits/$GITHUB_SHA/pulls" --jq '.[0].head.sha')
          run=$(gh run list --workflow rolecall.yml --commit "$head" --event pull_request --json databaseId --jq '.[0].databaseId')
          gh run download "$run" --name plan
      - run: npx rolecall apply site.plan
      - if: always()
        run: npx rolecall report --github
`
