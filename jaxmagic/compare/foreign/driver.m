% Obeys the commands of the process that started it: loads arguments, calls, times.
% Runs in Octave and in MATLAB. JAXMAGIC_FOLDER is where its files are; there, "section.txt" has
% the name of the function, how many results are wanted, and the file of the user's code.

function jaxmagic_driver()
  folder = getenv('JAXMAGIC_FOLDER');
  commands = fopen(fullfile(folder, 'commands'), 'r');
  answers = fopen(fullfile(folder, 'answers'), 'w');
  jaxmagic_say(answers, ['ready ', strtok(version())]);
  f = []; given = {}; wanted = 1;
  while true
    line = jaxmagic_next_line(commands);
    if isempty(line)
      break
    end
    words = strsplit(strtrim(line), ' ');
    try
      switch words{1}
        case 'load'
          [f, wanted] = jaxmagic_loaded_function(folder);
          given = jaxmagic_loaded_arguments(folder);
          jaxmagic_say(answers, 'loaded');
        case 'call'
          results = cell(1, wanted);
          start = tic;
          [results{1:wanted}] = f(given{:});
          elapsed = toc(start);
          said = sprintf('called %.0f 0', 1e9 * elapsed);
          for i = 1:wanted
            said = [said, ' ', jaxmagic_written(results{i}, fullfile(folder, sprintf('result%d', i - 1)))];
          end
          jaxmagic_say(answers, said);
        case 'time'
          numbers = str2double(words(2:4));
          samples = jaxmagic_sampled(f, given, wanted, numbers(1) / 1e9, numbers(2), numbers(3));
          jaxmagic_say(answers, ['samples', sprintf(' %.10g', samples)]);
        case 'clock'
          jaxmagic_say(answers, sprintf('clock %.0f', jaxmagic_clock_cost()));
        otherwise
          jaxmagic_say(answers, ['error the driver does not know the command ', words{1}]);
      end
    catch problem
      jaxmagic_say(answers, ['error ', jaxmagic_in_words(problem, folder)]);
    end
  end
end

function line = jaxmagic_next_line(commands)
  % fgetl of Octave looks one character ahead, and would wait for the next command
  line = '';
  while true
    character = fread(commands, 1, 'uint8=>char');
    if isempty(character) || character == sprintf('\n')
      break
    end
    line(end + 1) = character;
  end
end

function samples = jaxmagic_sampled(f, given, wanted, slice, evals, most)
  samples = zeros(1, most);
  count = 0;
  begin = tic;
  while true
    if wanted == 1
      start = tic;
      for i = 1:evals
        result = f(given{:});
      end
      elapsed = toc(start);
    else
      results = cell(1, wanted);
      start = tic;
      for i = 1:evals
        [results{:}] = f(given{:});
      end
      elapsed = toc(start);
    end
    count = count + 1;
    samples(count) = 1e9 * elapsed / evals;
    if toc(begin) >= slice || count == most
      break
    end
  end
  samples = samples(1:count);
end

function [f, wanted] = jaxmagic_loaded_function(folder)
  words = strsplit(strtrim(fileread(fullfile(folder, 'section.txt'))), ' ');
  wanted = str2double(words{2});
  if ~strcmp(words{3}, [words{1}, '.m']) % else it is found by its name
    source(fullfile(folder, words{3}));
    if exist(words{1}) ~= 103 % a function that was typed in, not one of a library
      error('the section has no function %s.', words{1});
    end
  end
  f = str2func(words{1});
end

function given = jaxmagic_loaded_arguments(folder)
  given = {};
  listed = strsplit(strtrim(fileread(fullfile(folder, 'arguments.txt'))), sprintf('\n'));
  for i = 1:numel(listed)
    words = strsplit(listed{i}, ' ');
    if numel(words) < 2
      continue
    end
    shape = str2double(strsplit(words{2}, ','));
    file = fopen(fullfile(folder, sprintf('argument%d', i - 1)), 'r');
    kind = words{1};
    if strcmp(kind, 'logical')
      values = logical(fread(file, Inf, 'uint8=>uint8'));
    elseif strncmp(kind, 'complex-', 8)
      kind = kind(9:end);
      pairs = fread(file, [2, Inf], [kind, '=>', kind]);
      values = complex(pairs(1, :), pairs(2, :));
    else
      values = fread(file, Inf, [kind, '=>', kind]);
    end
    fclose(file);
    given{i} = reshape(values, shape);
  end
end

function said = jaxmagic_written(value, path)
  if ~(isnumeric(value) || islogical(value))
    error('the result is a %s; only numbers and arrays come back.', class(value));
  end
  value = full(value);
  kind = class(value);
  file = fopen(path, 'w');
  if islogical(value)
    fwrite(file, value, 'uint8');
  elseif ~isreal(value)
    fwrite(file, [real(value(:)), imag(value(:))].', kind);
    kind = ['complex-', kind];
  else
    fwrite(file, value, kind);
  end
  fclose(file);
  shape = sprintf('%d,', size(value));
  said = sprintf('%s:%s', kind, shape(1:end - 1));
end

function jaxmagic_say(answers, text)
  fprintf(answers, '%s\n', text);
  if exist('OCTAVE_VERSION', 'builtin')
    fflush(answers);
  end
end

function text = jaxmagic_in_words(problem, folder)
  text = strtrim(regexprep(problem.message, '\s+', ' '));
  % a parse error tells its line in words: those of Octave, or those of MATLAB
  parsing = regexp(text, 'near line (\d+) of file \S+ (.*)', 'tokens', 'once');
  if isempty(parsing)
    parsing = regexp(text, 'Line: (\d+) Column: \d+ (.*)', 'tokens', 'once');
  end
  if ~isempty(parsing)
    text = sprintf('line %s: %s', parsing{1}, parsing{2});
    return
  end
  for i = 1:numel(problem.stack)
    frame = problem.stack(i);
    [place, name] = fileparts(frame.file);
    if frame.line > 0 && strcmp(place, folder) && ~strcmp(name, 'jaxmagic_driver')
      text = sprintf('line %d: %s', frame.line, text);
      return
    end
  end
end

function cost = jaxmagic_clock_cost()
  costs = zeros(1, 100);
  for i = 1:numel(costs)
    start = tic;
    costs(i) = toc(start);
  end
  cost = 1e9 * max(median(costs), 1e-7);
end
