# Obeys the commands of the process that started it: loads arguments, calls, times.
# JAXMAGIC_FOLDER is where its files are; there, "section.txt" has the name of the function.

module JaxmagicDriver

const FOLDER = ENV["JAXMAGIC_FOLDER"]
const KINDS = Dict(
    "bool" => Bool,
    "int8" => Int8, "int16" => Int16, "int32" => Int32, "int64" => Int64,
    "uint8" => UInt8, "uint16" => UInt16, "uint32" => UInt32, "uint64" => UInt64,
    "float16" => Float16, "float32" => Float32, "float64" => Float64,
    "complex64" => ComplexF32, "complex128" => ComplexF64,
)
const NAMES = Dict(kind => name for (name, kind) in KINDS)

function loaded_arguments()
    values = map(enumerate(readlines(joinpath(FOLDER, "arguments.txt")))) do (number, line)
        kind, shape = split(line, ' ')
        file = joinpath(FOLDER, "argument$(number - 1)")
        elements = collect(reinterpret(KINDS[kind], read(file)))
        shape == "number" && return elements[1]
        reshape(elements, Tuple(parse.(Int, split(shape, ','))))
    end
    Tuple(values)
end

dense(value::Number) = value
dense(value::AbstractArray{T}) where {T<:Number} = Array{T}(value)
dense(value) = error("the result is a $(typeof(value)); only numbers and arrays come back.")

function written(value, path)
    elements = dense(value)
    kind = eltype(elements)
    haskey(NAMES, kind) || error("the result holds $kind, which NumPy does not have.")
    write(path, elements)
    shape = ndims(elements) == 0 ? "number" : join(size(elements), ',')
    "$(NAMES[kind]):$shape"
end

written_all(result::Tuple) =
    [written(value, joinpath(FOLDER, "result$(i - 1)")) for (i, value) in enumerate(result)]
written_all(::Nothing) = String[]
written_all(result) = written_all((result,))

# the result is kept, and the call is not inlined: the compiler must neither drop nor hoist it
@noinline called(f::F, arguments) where {F} = f(arguments...)
keep(result) = isdefined(Base, :donotdelete) ? Base.donotdelete(result) : (SINK[] = result)
const SINK = Ref{Any}()

function sampled(f::F, pristine, arguments, changes, slice, evals, most) where {F}
    samples = Float64[]
    last = time_ns() + slice
    while true
        given = changes ? deepcopy(pristine) : arguments
        start = time_ns()
        for _ in 1:evals
            keep(called(f, given))
        end
        stop = time_ns()
        push!(samples, Float64(stop - start) / evals)
        (stop >= last || length(samples) >= most) && return samples
    end
end

function clock_cost()
    costs = map(1:100) do _
        start = time_ns()
        Float64(time_ns() - start)
    end
    max(1.0, sum(costs) / length(costs))
end

function in_words(problem, trace)
    line = 0
    while problem isa LoadError
        line = problem.line
        problem = problem.error
    end
    text = first(split(strip(sprint(showerror, problem)), '\n'))
    for frame in stacktrace(trace)
        if basename(string(frame.file)) == "section.jl"
            line = frame.line
            break
        end
    end
    line > 0 ? "line $line: $text" : text
end

mutable struct State
    f::Any
    pristine::Any
    arguments::Any
    changes::Bool
end

function answer!(state, words)
    if words[1] == "load"
        name = first(split(read(joinpath(FOLDER, "section.txt"), String)))
        Base.include(Main, joinpath(FOLDER, "section.jl"))
        state.f = Base.invokelatest(getfield, Main, Symbol(name))
        state.pristine = loaded_arguments()
        state.arguments = deepcopy(state.pristine)
        "loaded"
    elseif words[1] == "call"
        given = state.changes ? deepcopy(state.pristine) : state.arguments
        start = time_ns()
        result = Base.invokelatest(called, state.f, given)
        elapsed = time_ns() - start
        state.changes = state.changes || !isequal(given, state.pristine)
        join(["called", elapsed, Int(state.changes), written_all(result)...], ' ')
    elseif words[1] == "time"
        numbers = parse.(Int, words[2:4])
        samples = Base.invokelatest(
            sampled, state.f, state.pristine, state.arguments, state.changes, numbers...)
        join(["samples", samples...], ' ')
    elseif words[1] == "clock"
        "clock $(clock_cost())"
    else
        "error the driver does not know the command $(words[1])"
    end
end

function main()
    commands = open(joinpath(FOLDER, "commands"), "r")
    answers = open(joinpath(FOLDER, "answers"), "w")
    println(answers, "ready $VERSION")
    flush(answers)
    state = State(nothing, (), (), false)
    for line in eachline(commands)
        said = try
            answer!(state, split(line))
        catch problem
            "error " * in_words(problem, catch_backtrace())
        end
        println(answers, said)
        flush(answers)
    end
end

end

JaxmagicDriver.main()
