import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', '.cache/', 'node_modules/', 'playwright-report/', 'test-results/'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-constant-condition': ['error', { checkLoops: false }],
      'require-yield': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // The engine is a pure function of scenario, actions and seed.
    files: ['src/{base,engine,userland,cluster,lab}/**/*.ts'],
    ignores: ['src/**/*.test.ts', 'src/**/testing/**'],
    rules: {
      'no-restricted-properties': ['error',
        { object: 'Math', property: 'random', message: 'Draw from a named stream (base/prng).' },
        { object: 'Date', property: 'now', message: 'Ask the simulated clock.' },
        { object: 'performance', property: 'now', message: 'Ask the simulated clock.' }],
      'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'queueMicrotask', 'fetch', 'crypto', 'process'],
      'no-restricted-syntax': ['error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Ask the simulated clock.' },
        { selector: 'AwaitExpression', message: 'The engine is synchronous.' }],
    },
  },
  { files: ['src/cli/**/*.ts', 'src/referee/**/*.ts', 'scripts/**', 'e2e/**'], rules: { 'no-console': 'off' } },
  { files: ['src/ui/**/*.{ts,tsx}', 'src/main.tsx'], plugins: { 'react-hooks': reactHooks }, rules: reactHooks.configs.recommended.rules },
);
